import { cache, type Env } from "../../env.ts";
import type { Failure } from "../../failure.ts";
import type { ApiKey } from "../keys/key.ts";
import { listAllStandings, readMeters } from "./limit-status.ts";
import { findExceeded, limitsOf } from "./limit.ts";

/** What a look has told is good for so long: a key that is in use costs no more looks, nor does one that hammers. */
const goodForMs = 60_000;
const spentForMs = 30_000;

interface Look {
  /** The key's limits as they were: records are read anew every few seconds. */
  readonly limits: string;
  readonly failure: Failure | undefined;
  readonly untilAt: number;
}

const looksOf = cache<Look>("looks");

/**
 * Throws `limit.*` for a call that the key's meters already refuse, whatever it asks for. It counts nothing. For bodies that
 * are large: admission says the same after the body, and a small one costs less than the look.
 */
export async function refuseSpent(key: ApiKey, env: Env): Promise<void> {
  const looks = looksOf(env);
  const now = env.now();
  const known = looks.get(key.id);
  const limits = limitsOf(key);
  if (known?.limits === limits && now < known.untilAt) {
    if (known.failure) throw known.failure;
    return;
  }
  const meters = await readMeters(key, env);
  if (!meters) return;
  // The limits of model families wait for the model, and what is counted must have room for one more.
  const standings = listAllStandings({ ...key, weeklyFamilyCostNanos: {} }, meters).map((standing) =>
    standing.unit === "requests" || standing.unit === "calls" ? { ...standing, used: standing.used + 1 } : standing,
  );
  const failure = findExceeded(
    standings.filter(({ unit }) => unit !== "calls" || key.queueLength === 0),
    now,
  );
  // What waits for calls under way may be true no more in a moment.
  const forMs = failure?.isRetryable ? 0 : failure ? spentForMs : goodForMs;
  const { day, week = day, window = day } = meters.periods;
  looks.set(key.id, { limits, failure, untilAt: Math.min(now + forMs, day.endAt, week.endAt, window.endAt) });
  if (failure) throw failure;
}
