import { createHash } from "node:crypto";
import type { Env } from "../env.ts";
import { Failure } from "../failure.ts";

/**
 * Wrong passwords, counted in the store so that the bound holds over all instances. A try is counted before the password
 * is looked at: guesses in parallel cannot slip through between a look and a count.
 *
 * An address (an IPv6 /64) has ten tries in a quarter of an hour. A name has fifty, from all addresses together, so that
 * no single address can bar the operator. A crowd of addresses could: therefore an address from which somebody has signed
 * in within thirty days is not held to the name's bound, only to its own (docs/decisions.md).
 */
export const tries = { perAddress: 10, perName: 50, windowSeconds: 900, knownSeconds: 30 * 86_400 } as const;

/** A try that was let through; give it back by `succeed` if the password was right. */
export interface Try {
  readonly addressRow: string;
  readonly nameRow: string;
  readonly knownName: string;
}

/**
 * Counts a try: the address's first, and the name's only if the address may try, so that one address alone cannot use up
 * the name's. Three commands, two more for the first of a window. Throws `login.throttled`, saying until when.
 */
export async function countTry(ip: string, name: string, env: Env): Promise<Try> {
  const windowMs = tries.windowSeconds * 1000;
  const window = Math.floor(env.now() / windowMs);
  const endsAt = (window + 1) * windowMs;
  const address = digest(networkOf(ip));
  const found: Try = {
    addressRow: `throttle/address/${address}/${window}`,
    nameRow: `throttle/name/${digest(name)}/${window}`,
    knownName: `throttle/known/${address}`,
  };
  const [[isKnown], byAddress] = await Promise.all([
    env.store.read([found.knownName]),
    countRow(found.addressRow, env),
  ]);
  if (byAddress > tries.perAddress) throw throttled("from this address", tries.perAddress, endsAt, env);
  const byName = await countRow(found.nameRow, env);
  if (byName > tries.perName && isKnown === undefined) throw throttled("for this name", tries.perName, endsAt, env);
  return found;
}

async function countRow(row: string, env: Env): Promise<number> {
  const [[count = 0] = []] = await env.store.count([{ row, steps: [{ cell: 0, by: 1 }] }]);
  // Twice the window, so that what is given back at its end still finds the row.
  if (count === 1) await env.store.expire(row, 2 * tries.windowSeconds);
  return count;
}

/** A right password clears the name's count, takes its own try off the address's, and makes the address known. Three commands. */
export async function succeed(counted: Try, env: Env): Promise<void> {
  await Promise.all([
    env.store.remove([counted.nameRow]),
    env.store.count([{ row: counted.addressRow, steps: [{ cell: 0, by: -1 }] }]),
    env.store.write(counted.knownName, "1", { ttlSeconds: tries.knownSeconds }),
  ]);
}

function throttled(where: string, limit: number, endsAt: number, env: Env): Failure {
  const minutes = tries.windowSeconds / 60;
  return new Failure("login.throttled", {
    message: `Too many tries to sign in ${where}: ${limit} in ${minutes} minutes. Try again at ${new Date(endsAt).toISOString()}.`,
    retryAfterSeconds: Math.max(1, Math.ceil((endsAt - env.now()) / 1000)),
  });
}

/** Names and addresses come from outside: they enter the store's names only as digests. */
function digest(value: string): string {
  return createHash("sha256").update(value).digest("base64url").slice(0, 22);
}

/** The network that one person has: a v4 address, or the first 64 bits of a v6 one. */
export function networkOf(ip: string): string {
  const written = URL.parse(`http://[${ip}]/`)?.hostname.slice(1, -1);
  if (written === undefined) return ip;
  const [head = "", tail] = written.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups =
    tail === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  const isMapped = groups.slice(0, 5).every((group) => group === "0") && groups[5] === "ffff";
  if (!isMapped) return `${groups.slice(0, 4).join(":")}::/64`;
  return groups
    .slice(6)
    .flatMap((group) => [Number(`0x${group}`) >> 8, Number(`0x${group}`) & 255])
    .join(".");
}
