import { createHash } from "node:crypto";
import type { Env } from "../../env.ts";
import { findKeyById, putKey } from "../keys/key.ts";
import { networkOf } from "../../wire/address.ts";
import type { UsageEvent } from "../money/usage.ts";
import { memoize } from "../../wire/maps.ts";

/**
 * From how many networks each key was used in the hour that is being folded: hashes of v4 addresses and v6 /64s. Part of
 * the rollup's state, so that an hour that two runs fold between them is counted whole and costs no command. Only keys seen
 * from two networks or more are kept, so a count may be short by one.
 */
export interface Spread {
  /** Hours since 1970. */
  readonly hour: number;
  readonly seen: Readonly<Record<string, readonly string[]>>;
}

/** A person has an office, a home, a phone and a train; a key that was published has the world. */
export const unusualNetworks = 10;
/** The counts at which a notice is written, which bounds what it costs; beyond the last nothing is counted. */
const steps = [unusualNetworks, 20, 40];
const mostCounted = 40;
const mostKept = 50;
const hourMs = 3_600_000;

export interface LeakNotice {
  /** The key's id. */
  readonly key: string;
  /** When the count was reached, epoch milliseconds. */
  readonly at: number;
  readonly networks: number;
}

/** Adds events in the order of the log. Notices: keys that reached a step with them, the last of each key only. */
export function addSpread(
  before: Spread | undefined,
  events: readonly Pick<UsageEvent, "key" | "ip" | "at">[],
): { spread: Spread; notices: LeakNotice[] } {
  let hour = before?.hour ?? 0;
  let seen = new Map(Object.entries(before?.seen ?? {}).map(([key, hashes]) => [key, new Set(hashes)]));
  const notices = new Map<string, LeakNotice>();
  for (const { key, ip, at } of events) {
    const own = Math.floor(at / hourMs);
    // A late event of an hour that is over says nothing about the present one.
    if (typeof ip !== "string" || !(own >= hour)) continue;
    if (own > hour) [hour, seen] = [own, new Map<string, Set<string>>()];
    const networks = seen.get(key) ?? new Set();
    seen.set(key, networks);
    const count = networks.size;
    if (count >= mostCounted) continue;
    networks.add(hashOf(ip));
    if (networks.size > count && steps.includes(networks.size)) notices.set(key, { key, at, networks: networks.size });
  }
  const kept = [...seen]
    .filter(([, networks]) => networks.size > 1)
    .sort(([, one], [, other]) => other.size - one.size);
  const spread = { hour, seen: Object.fromEntries(kept.slice(0, mostKept).map(([key, set]) => [key, [...set]])) };
  return { spread, notices: [...notices.values()] };
}

/** Writes notices to their keys, for the console to show. None if there are none, else two commands each. */
export async function noteLeaks(notices: Iterable<LeakNotice>, env: Env): Promise<void> {
  for (const { key: id, at, networks } of notices) {
    const key = await findKeyById(id, env);
    if (!key || key.deletedAt !== undefined) continue;
    await putKey(key, { leak: { at, networks } }, env);
    env.log("warn", "key used from many networks", { key: id, networks });
  }
}

/** 36 bits: enough to tell forty networks apart, too few to be worth a table of all addresses. */
const hashOf = memoize(5_000, (ip: string) =>
  createHash("sha256").update(networkOf(ip)).digest("base64url").slice(0, 6),
);
