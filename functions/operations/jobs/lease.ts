import { randomUUID } from "node:crypto";
import { perEnv, type Env } from "../../env.ts";

/** What a run did, as its answer tells it. */
export type Report = Readonly<Record<string, unknown>>;

/** One maintenance job. `claim`, if given, is called once before the first change and rejects if the run must not go on. */
export type Run = (env: Env, claim?: () => Promise<void>) => Promise<Report>;

/**
 * Does work that no two instances should do at once; a report that says so if another one is at it. Taken only when there
 * is work: one command before and two or three after it.
 */
export async function underLease(
  name: string,
  seconds: number,
  work: () => Promise<Report>,
  env: Env,
): Promise<Report> {
  const lease = `lease/${name}`;
  const holder = randomUUID();
  if (!(await env.store.write(lease, holder, { ttlSeconds: seconds, onlyIfAbsent: true }))) {
    return { isBusy: true };
  }
  const held = heldOf(env);
  held.set(lease, holder);
  try {
    return await work();
  } finally {
    if (held.delete(lease)) await env.store.removeIf(lease, holder);
  }
}

/** The leases that runs of this process hold. */
const heldOf = perEnv(() => new Map<string, string>());

/** Gives back what runs hold that the end of the process cuts off, so that the next process need not wait for them. */
export async function giveBackLeases(env: Env): Promise<void> {
  const held = [...heldOf(env)];
  heldOf(env).clear();
  await Promise.all(held.map(([lease, holder]) => env.store.removeIf(lease, holder)));
}
