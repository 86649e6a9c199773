/** How full an account's window was, as the provider told it with an answer. */
export interface WindowSample {
  readonly name: string;
  /** 0 to 1. */
  readonly utilization: number;
  readonly resetAt?: number | undefined;
}

export interface Sample extends WindowSample {
  readonly at: number;
}

export interface Forecast {
  readonly name: string;
  readonly utilization: number;
  /** When the provider told it. */
  readonly at: number;
  readonly resetAt: number | undefined;
  /** When the window is used up if work goes on as in these samples; undefined: it resets before, or nothing tells. */
  readonly emptiesAt: number | undefined;
}

/** A slope over a shorter time says more about one call than about the work. */
const leastSpanMs = 600_000;

/** One forecast a window, from samples in any order: the straight line (least squares) through those since its last reset. */
export function forecastWindows(samples: readonly Sample[], now: number): Forecast[] {
  const byName = Map.groupBy(samples, ({ name }) => name);
  return [...byName].flatMap(([name, all]): Forecast[] => {
    const ordered = all.toSorted((one, other) => one.at - other.at);
    const last = ordered.at(-1);
    if (!last) return [];
    if (last.resetAt !== undefined && last.resetAt <= now) return [];
    const emptiesAt = findEmpty(sinceReset(ordered));
    const isInTime = emptiesAt !== undefined && (last.resetAt === undefined || emptiesAt < last.resetAt);
    const { utilization, at, resetAt } = last;
    return [{ name, utilization, at, resetAt, emptiesAt: isInTime ? Math.max(emptiesAt, now) : undefined }];
  });
}

/** A window that is emptier than before was reset in between. */
function sinceReset(ordered: readonly Sample[]): readonly Sample[] {
  const reset = ordered.findLastIndex((sample, index) => {
    const before = ordered[index - 1];
    return before !== undefined && sample.utilization < before.utilization - 0.005;
  });
  return reset < 0 ? ordered : ordered.slice(reset);
}

function findEmpty(samples: readonly Sample[]): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) return undefined;
  if (last.utilization >= 1) return last.at;
  if (last.at - first.at < leastSpanMs) return undefined;
  const count = samples.length;
  const meanAt = samples.reduce((sum, { at }) => sum + (at - first.at), 0) / count;
  const mean = samples.reduce((sum, { utilization }) => sum + utilization, 0) / count;
  const spread = samples.reduce((sum, { at }) => sum + (at - first.at - meanAt) ** 2, 0);
  const slope =
    samples.reduce((sum, { at, utilization }) => sum + (at - first.at - meanAt) * (utilization - mean), 0) / spread;
  return slope > 0 ? Math.round(last.at + (1 - last.utilization) / slope) : undefined;
}
