import { figure } from "../../functions/core/usage/totals.ts";
import { rollUp } from "../../functions/core/usage/rollup/rollup.ts";
import { readAllTotals } from "../../functions/core/usage/statistics.ts";
import type { UsageEvent } from "../../functions/core/money/usage.ts";
import { usageLog } from "../../functions/core/usage/log.ts";
import type { Told } from "./client.ts";
import type { Stage } from "./stage.ts";

export interface Books {
  /** Calls that the provider served, or a client has the whole answer of, and no event tells of. */
  readonly lost: number;
  /** Events beyond one a call, and calls that the daily rows count more than once. */
  readonly doubled: number;
}

/** A killed relay has no last words: what it may owe is what ended this short before, or had not ended. */
const owedMs = 500;

/** Compares the usage log and the rolled rows with what clients and provider know. The relay has ended. */
export async function audit(stage: Stage, tally: readonly Told[], killedAt: readonly number[]): Promise<Books> {
  const log = stage.pastLog + stage.relay.log();
  const { events, rolled } = await stage.look(async (env) => {
    const entries = await env.store.readLog(usageLog, "0", 1_000_000);
    await rollUp(Number.POSITIVE_INFINITY, env);
    const totals = await readAllTotals(env);
    return {
      events: entries.map(({ entry }) => JSON.parse(entry) as UsageEvent),
      rolled: [...totals.values()].reduce((sum, figures) => sum + figure(figures, "requests"), 0),
    };
  });
  const idsOf = new Map<string, Set<string>>();
  for (const { id, session = "" } of [...events, ...spilled(log)]) {
    idsOf.set(session, (idsOf.get(session) ?? new Set()).add(id));
  }
  const logged = new Set(events.map(({ id }) => id)).size;
  const owed = new Set(tally.filter((told) => isOwed(told, killedAt)).map(({ session }) => session));
  const served = new Set([...servedSessions(stage), ...tally.filter((told) => told.isWhole).map((t) => t.session)]);
  const lost = [...served].filter((session) => !idsOf.has(session) && !owed.has(session)).length;
  const beyondOne = [...idsOf.values()].reduce((sum, ids) => sum + ids.size - 1, 0);
  return { lost, doubled: beyondOne + Math.max(0, rolled - logged) };
}

function isOwed({ endedAt, isWhole }: Told, killedAt: readonly number[]): boolean {
  return killedAt.some((at) => endedAt > at - owedMs && (!isWhole || endedAt <= at + owedMs));
}

function servedSessions({ upstream }: Stage): string[] {
  return upstream.requests.flatMap(({ body }) => /_session_([0-9a-f-]{36})/.exec(body.toString("latin1"))?.[1] ?? []);
}

/** Events that the store did not take before the process ended stand in its log, and can be read back from there. */
function spilled(log: string): UsageEvent[] {
  const lines = log.split("\n").filter((line) => line.includes('"usageEvent":'));
  return lines.map((line) => (JSON.parse(line) as { usageEvent: UsageEvent }).usageEvent);
}
