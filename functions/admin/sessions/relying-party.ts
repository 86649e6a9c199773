import { isIP } from "node:net";
import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import type { Request } from "../../wire/exchange.ts";

/** The place that a passkey is made for and signs in to (WebAuthn's relying party). */
export interface Site {
  /** A name, never an address: browsers make no passkey for addresses. */
  readonly host: string;
  readonly origins: readonly string[];
}

/**
 * `PUBLIC_URL` if it is set; else the host that the browser asked for, by `x-forwarded-host` only behind a trusted proxy.
 * Which host a caller claims opens nothing: a passkey signs for the host that it was made for alone. Browsers use passkeys
 * over https, and over http on the machine itself.
 */
export function siteOf(request: Request, env: Env): Site {
  const url = URL.parse(env.config.PUBLIC_URL ?? `https://${hostOf(request, env)}`);
  const host = url?.hostname ?? "";
  if (host === "" || isIP(host.replace(/^\[|\]$/g, "")) !== 0) {
    throw new Failure("record.conflict", {
      message:
        "Passkeys belong to a name, not to an address: open the console by its name (on this machine, localhost), or set PUBLIC_URL.",
    });
  }
  const isLoopback = host === "localhost" || host.endsWith(".localhost");
  return { host, origins: [`https://${url?.host ?? ""}`, ...(isLoopback ? [`http://${url?.host ?? ""}`] : [])] };
}

function hostOf({ headers }: Request, env: Env): string {
  const [forwarded = ""] = env.config.TRUST_PROXY ? (headers["x-forwarded-host"] ?? "").split(",") : [];
  return forwarded.trim() || (headers.host ?? "");
}
