import type { Env } from "../../env.ts";
import { perEnv } from "../../env.ts";
import { type Failure, toFailure } from "../../failure.ts";
import type { Store, StoreWatch } from "../../stores/store.ts";
import type { UsageEvent } from "../money/usage.ts";

/** Upper bounds of the buckets, in seconds. */
export const firstBounds = [0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60] as const;
export const totalBounds = [0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300, 600] as const;

/** How long something took: one more in the first bucket that it fits into, the last is for what fits into none. */
export interface Histogram {
  readonly bounds: readonly number[];
  readonly buckets: number[];
  sumSeconds: number;
}

/** What one process has seen since its start, for /metrics. To count it costs no command. */
export interface Tally {
  /** By `endpoint|status|blame`. */
  readonly calls: Map<string, number>;
  /** By the names of the figures, such as `inputTokens`. */
  readonly tokens: Map<string, number>;
  costNanos: number;
  readonly first: Histogram;
  readonly total: Histogram;
  inFlight: number;
}

export const tallyOf = perEnv<Tally>(() => ({
  calls: new Map(),
  tokens: new Map(),
  costNanos: 0,
  first: buildHistogram(firstBounds),
  total: buildHistogram(totalBounds),
  inFlight: 0,
}));

export const tokenClasses = [
  "inputTokens",
  "outputTokens",
  "cacheReadTokens",
  "cacheWrite5mTokens",
  "cacheWrite1hTokens",
  "reasoningTokens",
] as const;

/** A call was admitted. It is over with `tallyCall`. */
export function tallyStart(env: Env): void {
  tallyOf(env).inFlight += 1;
}

/** A call was settled. */
export function tallyCall(event: UsageEvent, blame: string | undefined, env: Env): void {
  const tally = tallyOf(env);
  tally.inFlight -= 1;
  addTo(tally.calls, `${event.dialect}/${event.operation}|${event.status}|${blame ?? ""}`, 1);
  for (const name of tokenClasses) if (event.usage[name] > 0) addTo(tally.tokens, name, event.usage[name]);
  tally.costNanos += event.costNanos;
  if (event.status < 400) {
    if (event.isStream) note(tally.first, event.ms.first / 1000);
    note(tally.total, event.ms.total / 1000);
  }
}

/** A call was refused before it was admitted, so that nothing was settled. */
export function tallyRefusal(dialect: string, { status, blame }: Failure, env: Env): void {
  addTo(tallyOf(env).calls, `${dialect}|${status}|${blame}`, 1);
}

function buildHistogram(bounds: readonly number[]): Histogram {
  return { bounds, buckets: [...bounds, Infinity].map(() => 0), sumSeconds: 0 };
}

function note(histogram: Histogram, seconds: number): void {
  const index = histogram.bounds.findIndex((bound) => seconds <= bound);
  const bucket = index < 0 ? histogram.bounds.length : index;
  histogram.buckets[bucket] = (histogram.buckets[bucket] ?? 0) + 1;
  histogram.sumSeconds += seconds;
}

function addTo(map: Map<string, number>, name: string, more: number): void {
  map.set(name, (map.get(name) ?? 0) + more);
}

export const buildWatch = (): StoreWatch => ({
  billed: new Map(),
  failed: new Map(),
  state: "unseen",
  askedAt: -Infinity,
});

/** What a call told of the store. */
export const noteStore = (watch: StoreWatch, now: () => number) => ({
  ended(startedAt: number): void {
    watch.state = "up";
    watch.latencyMs = now() - startedAt;
  },
  failed(error: unknown): void {
    // An error of another kind is a mistake in the call, and says that the store answers.
    watch.state = toFailure(error).code === "store.unavailable" ? "down" : "up";
  },
});

/** The same store, whose commands are counted from now on, so that /health knows how it is without asking. */
export function watchStore(store: Store, now: () => number = Date.now): Store {
  const watch = buildWatch();
  const { ended, failed } = noteStore(watch, now);
  const count = (name: string, verb: unknown): unknown => {
    if (typeof verb !== "function" || name === "close" || name === "trouble") return verb;
    const fail = (error: unknown) => {
      addTo(watch.failed, name, 1);
      failed(error);
    };
    return (one: unknown, two: unknown, three: unknown) => {
      const startedAt = now();
      const result: unknown = verb.call(store, one, two, three);
      addTo(watch.billed, name, name === "record" ? 3 + (two as unknown[]).length : billedOf(name, one));
      if (result instanceof Promise) result.then(() => ended(startedAt), fail);
      return result;
    };
  };
  const verbs = Object.entries(store).map(([name, verb]) => [name, count(name, verb)]);
  return { ...(Object.fromEntries(verbs) as Store), watch };
}

/** As store.ts says: one a call, but one a table or row where there are many, and what a script calls inside. */
function billedOf(name: string, given: unknown): number {
  if (name === "fold") return 3 + Object.keys((given as { tables: object }).tables).length;
  if (name === "removeIf") return 3;
  if (!Array.isArray(given)) return 1;
  return /^(listMany|count|countLater)$/.test(name) ? given.length : Math.min(given.length, 1);
}
