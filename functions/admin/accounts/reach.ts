import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { allowsPrivate } from "../../config.ts";
import type { Env } from "../../env.ts";
import { hostOf, isReachable } from "../../wire/reach.ts";
import { invalid } from "../http/invalid.ts";

const lookUpMs = 3_000;

/**
 * Refuses an address that an admin sets (an account's, a proxy's, a webhook's) if the relay would never connect to it, so
 * that the mistake shows when it is made. What counts is the check when a connection is opened (runtimes/http-client/guard.ts): a name
 * that cannot be looked up now passes. Throws what `request.malformed` names.
 */
export async function refuseOutOfReach(field: string, url: string, env: Env): Promise<void> {
  const host = hostOf(url);
  const isOpen = allowsPrivate(env.config);
  // Where private addresses are open, only a metadata service is not, and such are written as addresses.
  const found = isIP(host) !== 0 ? [host] : isOpen ? [] : await findAddresses(host);
  if (found.length === 0 || found.some((ip) => isReachable(ip, isOpen))) return;
  throw invalid(
    field,
    isOpen
      ? "is the address of a cloud's metadata service, where the relay never connects to"
      : "is at a private address; set ALLOW_PRIVATE_UPSTREAMS=true if the relay may connect to its own network",
  );
}

/** What an account's change says of addresses. Behind a proxy, names are looked up there and not here. */
export async function refuseAccountOutOfReach(
  account: {
    readonly baseUrl?: string | null | undefined;
    readonly proxy?: string | null | undefined;
    readonly settings?: Readonly<Record<string, string>> | undefined;
  },
  hasProxy: boolean,
  env: Env,
): Promise<void> {
  if (account.proxy) await refuseOutOfReach("proxy", account.proxy, env);
  const urls = Object.entries(account.settings ?? {}).filter(([name]) => name.endsWith("Url"));
  const places = [
    ["baseUrl", account.baseUrl] as const,
    ...urls.map(([name, url]) => [`settings.${name}`, url] as const),
  ];
  for (const [field, url] of places) {
    if (!url || ((account.proxy || hasProxy) && isIP(hostOf(url)) === 0)) continue;
    await refuseOutOfReach(field, url, env);
  }
}

/** None if the name is unknown or nobody answers in time. */
async function findAddresses(host: string): Promise<string[]> {
  const late = AbortSignal.timeout(lookUpMs);
  const silence = new Promise<[]>((resolve) => late.addEventListener("abort", () => resolve([]), { once: true }));
  const found = lookup(host, { all: true }).catch(() => []);
  return (await Promise.race([found, silence])).map(({ address }) => address);
}
