import type { Env } from "../../functions/env.ts";
import type { ApiKey } from "../../functions/core/keys/key.ts";
import { families, familyIndex } from "../../functions/core/keys/model-families.ts";
import { listPeriods, readMeters } from "../../functions/core/limits/limit-status.ts";
import { cells, periodsOf } from "../../functions/core/limits/meter.ts";
import type { UsageEvent } from "../../functions/core/money/usage.ts";
import { usageLog } from "../../functions/core/usage/log.ts";
import { rollUp } from "../../functions/core/usage/rollup/rollup.ts";
import { readAllTotals } from "../../functions/core/usage/statistics.ts";
import { figure, tokensOf } from "../../functions/core/usage/totals.ts";
import type { Told } from "./client.ts";
import { outOfSightMs } from "./places.ts";
import type { Stage } from "./stage.ts";

export interface Books {
  /** Calls that the provider served, or a client has the whole answer of, and no event tells of. */
  readonly lost: readonly string[];
  /** Events beyond one a call, and calls that the daily rows count more than once. */
  readonly doubled: number;
  /** Figures that are not the same in the provider's answers, the log, its rows and the meters; and reservations left. */
  readonly different: readonly string[];
}

/** Compares provider, usage log, rolled rows and meters, nothing rounded. The relay has ended. */
export async function audit(stage: Stage, tally: readonly Told[], killedAt: readonly number[]): Promise<Books> {
  const log = stage.pastLog + stage.relay.log();
  return stage.look(async (env) => {
    const entries = await env.store.readLog(usageLog, "0", 1_000_000);
    const events = entries.map(({ entry }) => JSON.parse(entry) as UsageEvent);
    const known = [...events, ...spilled(log)];
    const idsOf = Map.groupBy(known, ({ session = "" }) => session);
    const served = new Set([...servedSessions(stage), ...tally.filter((told) => told.isWhole).map((t) => t.session)]);
    const cut = cutSessions(stage, tally, killedAt);
    const missing = [...served].filter((session) => !idsOf.has(session) && !cut.has(session));
    const lost = missing.map((session) => describeLost(session, stage, tally, killedAt));
    const beyondOne = [...idsOf.values()].reduce((sum, of) => sum + new Set(of.map(({ id }) => id)).size - 1, 0);
    await rollUp(Number.POSITIVE_INFINITY, env);
    const once = [...new Map(events.map((event) => [event.id, event])).values()];
    const rows = await compareRows(stage, once, env);
    const untold = tally.filter(({ session }) => !idsOf.has(session)).length;
    const different = [...compareAnswers(stage, once), ...rows, ...(await compareMeters(stage, once, untold, env))];
    const rolled = [...(await readAllTotals(env)).values()].reduce((sum, of) => sum + figure(of, "requests"), 0);
    return { lost, doubled: beyondOne + Math.max(0, rolled - once.length), different };
  });
}

function describeLost(session: string, stage: Stage, tally: readonly Told[], killedAt: readonly number[]): string {
  const told = tally.find((each) => each.session === session);
  const answer = stage.upstream.requests.find(({ body }) => sessionOf(body) === session);
  const endedAt = told?.endedAt ?? 0;
  const before = killedAt.filter((at) => at >= endedAt).map((at) => at - endedAt);
  const what = `client ${told?.status} ${told?.isWhole ? "whole" : "cut"}, provider ${answer?.outcome}`;
  return `call ${session} lost: ${what} (${answer?.behaviour}), ended ${Math.min(...before)} ms before a kill`;
}

/**
 * A killed relay has no last words, so it owes nothing for a call in flight: one that had begun, and whose answer its client
 * (of one that hung up: also the provider) had not seen the end of. A store beyond a wire has the settlement a round trip later.
 */
function cutSessions(stage: Stage, tally: readonly Told[], killedAt: readonly number[]): Set<string> {
  // Nobody waits for the end of a call that was hung up on, and a busy process comes to it late.
  const noticedMs = 100;
  const onTheWayMs = stage.kind === "embedded" ? 0 : 25;
  const providerEnd = new Map(stage.upstream.requests.map((request) => [sessionOf(request.body), request.endedAt]));
  const endOf = ({ session, isWhole, endedAt }: Told) =>
    isWhole ? endedAt : Math.max(endedAt, providerEnd.get(session) ?? 0);
  const isCut = (told: Told) =>
    killedAt.some((at) => told.startedAt <= at && endOf(told) + (told.isWhole ? onTheWayMs : noticedMs) >= at);
  return new Set(tally.filter(isCut).map(({ session }) => session));
}

const sessionOf = (body: Buffer) => /_session_([0-9a-f-]{36})/.exec(body.toString("latin1"))?.[1] ?? "";

function servedSessions({ upstream }: Stage): string[] {
  return upstream.requests.map(({ body }) => sessionOf(body)).filter((session) => session !== "");
}

/** Events that the store did not take before the process ended stand in its log, and can be read back from there. */
function spilled(log: string): UsageEvent[] {
  const lines = log.split("\n").filter((line) => line.includes('"usageEvent":'));
  return lines.map((line) => (JSON.parse(line) as { usageEvent: UsageEvent }).usageEvent);
}

const tokensOfEvent = ({ usage }: UsageEvent) =>
  usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;

/** What the provider told of each call that it answered whole. Tried twice, the last try is the one that is paid. */
function compareAnswers({ upstream }: Stage, events: readonly UsageEvent[]): string[] {
  const last = new Map(upstream.requests.map((request) => [sessionOf(request.body), request]));
  return events.flatMap(({ session = "", outcome, isEstimated, usage }) => {
    const answer = last.get(session);
    if (answer?.outcome !== "complete" || outcome !== "complete" || isEstimated) return [];
    // The bytes of large answers are not kept.
    if (answer.sent.length === 0) return [];
    const text = Buffer.concat(answer.sent).toString("latin1");
    const told = (name: string) => Number([...text.matchAll(new RegExp(`"${name}":(\\d+)`, "g"))].at(-1)?.[1] ?? 0);
    const [input, output] = [told("input_tokens"), told("output_tokens")];
    if (input === usage.inputTokens && output === usage.outputTokens) return [];
    return [`call ${session}: answer ${input}+${output}, log ${usage.inputTokens}+${usage.outputTokens}`];
  });
}

async function compareRows({ keys }: Stage, events: readonly UsageEvent[], env: Env): Promise<string[]> {
  const totals = await readAllTotals(env);
  return keys.flatMap(({ id, name }) => {
    const own = events.filter(({ key }) => key === id);
    const rows = totals.get(id) ?? [];
    return differ(`rows of ${name}`, [
      ["requests", own.length, figure(rows, "requests")],
      ["tokens", sumOf(own, tokensOfEvent), tokensOf(rows)],
      ["nanos", sumOf(own, ({ costNanos }) => costNanos), figure(rows, "costNanos")],
    ]);
  });
}

/** Rows of days and windows that are over stay at least so long. */
const keptMs = 86_400_000;

/** Every row of every key in which one of its calls counts, by the instants at which they came. */
export async function compareMeters(
  stage: Pick<Stage, "keys" | "aheadMs">,
  events: readonly UsageEvent[],
  untold: number,
  env: Env,
): Promise<string[]> {
  const different: string[] = [];
  const now = Math.max(0, ...events.map(({ at }) => at));
  for (const key of stage.keys) {
    for (const [row, { period, endAt = Infinity, own }] of rowsOf(key, events, env)) {
      if (endAt + keptMs < now) continue;
      const steps = [cells.requests, cells.tokens, cells.costNanos, ...families.map((_, i) => cells.firstFamily + i)];
      const [read = []] = await env.store.count([{ row, steps: steps.map((cell) => ({ cell, by: 0 })) }]);
      const [requests = 0, tokens = 0, nanos = 0, ...familyNanos] = read;
      // A call of which nobody knows whether it was let in may be counted as asked for, not as spent.
      const most = period === "day" || period === "window" ? untold : 0;
      const beyond = requests - own.length;
      different.push(
        ...differ(`${period} of ${key.name}`, [
          ["requests", own.length, beyond >= 0 && beyond <= most ? own.length : requests],
          ["tokens", sumOf(own, tokensOfEvent), tokens],
          ["nanos", sumOf(own, ({ costNanos }) => costNanos), nanos],
          ...families.map((family, index): [string, number, number] => {
            const of = own.filter(({ model }) => model !== undefined && familyIndex(model) === index);
            return [`${family} nanos`, sumOf(of, ({ costNanos }) => costNanos), familyNanos[index] ?? 0];
          }),
        ]),
      );
    }
    const at = Date.now() + stage.aheadMs + outOfSightMs;
    const { underWay } = (await readMeters(key, { ...env, now: () => at })) ?? {};
    const { calls = 0, nanos = 0, tokens = 0 } = underWay ?? {};
    different.push(...differ(`in flight of ${key.name}`, [["calls", 0, calls]]));
    different.push(...differ(`reserved of ${key.name}`, [["nanos", 0, nanos], ["tokens", 0, tokens]])); // prettier-ignore
  }
  return different;
}

function rowsOf(key: ApiKey, events: readonly UsageEvent[], env: Env) {
  const rows = new Map<string, { period: string; endAt: number | undefined; own: UsageEvent[] }>();
  for (const event of events.filter((each) => each.key === key.id)) {
    const periods = periodsOf(key, event.at, env.config);
    for (const { row, period, endAt } of periods ? listPeriods(key, periods) : []) {
      const found = rows.get(row) ?? { period, endAt, own: [] };
      rows.set(row, found);
      found.own.push(event);
    }
  }
  return rows;
}

const sumOf = <T>(all: readonly T[], of: (one: T) => number) => all.reduce((sum, one) => sum + of(one), 0);

const differ = (where: string, figures: readonly (readonly [string, number, number])[]): string[] =>
  figures
    .filter(([, expected, found]) => expected !== found)
    .map(([name, expected, found]) => `${where}: ${name} ${found} instead of ${expected}`);
