import { perEnv, type Env } from "../../env.ts";

/** When a call that QStash signed last came to this process. */
const callsOf = perEnv<{ at?: number }>(() => ({}));

export function noteSigned(env: Env): void {
  callsOf(env).at = env.now();
}

/**
 * Whether QStash runs the job at this interval, so that the process's own timer need not: not before the first signed call,
 * and no longer when two in a row stayed away.
 */
export function isCalledEvery(minutes: number, env: Env): boolean {
  const { at } = callsOf(env);
  return at !== undefined && env.now() - at < 2 * minutes * 60_000;
}
