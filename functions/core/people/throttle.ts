import { createHash } from "node:crypto";
import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import { networkOf } from "../../wire/address.ts";

/**
 * Wrong passwords, counted in the store so that the bound holds over all instances. A try is counted before the password
 * is looked at: guesses in parallel cannot slip through between a look and a count.
 *
 * An address (an IPv6 /64) has ten tries in a quarter of an hour. A name has fifty, from all addresses together, so that
 * no single address can bar the operator. A crowd of addresses could, and so could one attacker behind the same reverse
 * proxy: therefore a browser in which somebody has signed in before has ten tries of its own, whatever others do from
 * anywhere (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"; docs/decisions.md).
 */
export const tries = { perAddress: 10, perName: 50, perDevice: 10, windowSeconds: 900 } as const;

export interface Trier {
  readonly ip: string;
  readonly name: string;
  /** The id of a browser that has signed in before, if it proved to be one. */
  readonly device?: string | undefined;
}

/** A try that was let through; `succeed` gives it back if the password was right. */
export type Try = readonly { readonly row: string; readonly onSuccess: "forget" | "give back" }[];

/**
 * Counts a try: the address's first, and the name's only if the address may try, so that one address alone cannot use up
 * the name's. At most two commands, and one more for each row that is new. Throws `login.throttled`, saying until when.
 */
export async function countTry({ ip, name, device }: Trier, env: Env): Promise<Try> {
  const windowMs = tries.windowSeconds * 1000;
  const window = Math.floor(env.now() / windowMs);
  const until = (window + 1) * windowMs;
  const spend = async (row: string, limit: number, where: string) => {
    if ((await countRow(row, env)) > limit) throw throttled(where, limit, until, env);
  };
  if (device !== undefined) {
    const row = `throttle/device/${digest(device)}/${window}`;
    await spend(row, tries.perDevice, "from this browser");
    return [{ row, onSuccess: "forget" }];
  }
  const addressRow = `throttle/address/${digest(networkOf(ip))}/${window}`;
  const nameRow = `throttle/name/${digest(name)}/${window}`;
  await spend(addressRow, tries.perAddress, "from this address");
  await spend(nameRow, tries.perName, "for this name");
  return [
    { row: nameRow, onSuccess: "forget" },
    { row: addressRow, onSuccess: "give back" },
  ];
}

/** A right password clears the name's or the browser's count, and takes its own try off the address's. At most two commands. */
export async function succeed(counted: Try, env: Env): Promise<void> {
  await Promise.all(
    counted.map(({ row, onSuccess }) =>
      onSuccess === "forget" ? env.store.remove([row]) : env.store.count([{ row, steps: [{ cell: 0, by: -1 }] }]),
    ),
  );
}

/** Takes a try back that proved nothing, neither right nor wrong. One command. */
export async function giveBack(counted: Try, env: Env): Promise<void> {
  await env.store.count(counted.map(({ row }) => ({ row, steps: [{ cell: 0, by: -1 }] })));
}

async function countRow(row: string, env: Env): Promise<number> {
  const [[count = 0] = []] = await env.store.count([{ row, steps: [{ cell: 0, by: 1 }] }]);
  // Twice the window, so that what is given back at its end still finds the row.
  if (count === 1) await env.store.expire(row, 2 * tries.windowSeconds);
  return count;
}

function throttled(where: string, limit: number, until: number, env: Env): Failure {
  const minutes = tries.windowSeconds / 60;
  return new Failure("login.throttled", {
    message: `Too many tries to sign in ${where}: ${limit} in ${minutes} minutes. Try again at ${new Date(until).toISOString()}.`,
    retryAfterSeconds: Math.max(1, Math.ceil((until - env.now()) / 1000)),
  });
}

/** Names and addresses come from outside: they enter the store's names only as digests. */
function digest(value: string): string {
  return createHash("sha256").update(value).digest("base64url").slice(0, 22);
}
