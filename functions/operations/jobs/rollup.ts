import type { Env } from "../../env.ts";
import { needsRollup, rollUp } from "../../core/usage/rollup/rollup.ts";
import type { Report } from "./lease.ts";
import { underLease } from "./lease.ts";

/** The function has five minutes; what is not folded by then is folded by the next run. */
const mostMs = 120_000;
const leaseSeconds = 180;

/**
 * Folds the usage log into rows and drops what was kept long enough. One command if there is nothing to do. Racing runs
 * would harm nothing, since each fold compares the cursor; the lease saves the commands of the loser.
 */
export async function runRollup(env: Env, claim?: () => Promise<void>): Promise<Report> {
  if (!(await needsRollup(env))) return { events: 0 };
  await claim?.();
  return underLease("rollup", leaseSeconds, async () => ({ ...(await rollUp(env.now() + mostMs, env)) }), env);
}
