import type { Call } from "../dialects/dialect.ts";
import type { Env } from "../../env.ts";
import type { Permit } from "../../core/limits/limit.ts";
import { cells, mergeRows, rowName, spentSteps } from "../../core/limits/meter.ts";
import { type Charge, computeCharge } from "../../core/money/charge.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import { wakeLine } from "../../core/limits/waiting-line.ts";
import type { Attempt, Outcome, Usage, UsageEvent } from "../../core/money/usage.ts";
import { noUsage, totalTokens } from "../../core/money/usage.ts";
import type { MeterRow } from "../../stores/store.ts";
import { tallyCall } from "../../core/process/counters.ts";
import { findTracer } from "../../core/process/tracing.ts";
import { writeSettled } from "../../core/usage/log.ts";
import type { Failure } from "../../failure.ts";

/** Everything about a call that is known when it ends. */
export interface Settlement {
  readonly requestId: string;
  readonly startedAt: number;
  readonly permit: Permit;
  readonly call: Call;
  readonly pool: Pool;
  readonly ip: string;
  readonly status: number;
  /** What the client was answered with. */
  readonly clientStatus: number;
  readonly outcome: Outcome;
  readonly failure: Failure | undefined;
  /** The account that answered, with what it was asked for; undefined if none did. */
  readonly account: string | undefined;
  readonly model: string | undefined;
  /** The model that the answer says it came from: priced if it is the dearer one, or the only one with a price. */
  readonly answerModel: string | undefined;
  readonly usage: Usage | undefined;
  readonly isEstimated: boolean;
  readonly attempts: readonly Attempt[];
  readonly candidates: UsageEvent["candidates"];
  readonly rules: readonly string[];
  readonly ms: UsageEvent["ms"];
  readonly windows: UsageEvent["windows"];
  /** As the client sent it: the call's span is put under the client's. */
  readonly traceparent: string | undefined;
}

const daySeconds = 86_400;

/**
 * Makes the meters true and writes the one event of a call: the reservation is replaced by the true cost, in the periods in
 * which the call was admitted. Exactly once a permit, whatever ended the call. Commands: one a limited period and one for
 * the log. Never throws: what the store cannot take now is kept and retried (usage-log.ts).
 */
export function settle(settlement: Settlement, env: Env): void {
  if (settlement.permit.isSettled) return;
  settlement.permit.isSettled = true;
  const event = buildEvent(settlement, env);
  tallyCall(event, settlement.failure?.blame, env);
  findTracer(env)?.call({
    event,
    failure: settlement.failure?.code,
    kindOf: (account) => settlement.pool.accountById.get(account)?.kind,
    traceparent: settlement.traceparent,
  });
  const isLogged = settlement.call.isMetered && env.config.ENABLE_USAGE_STATISTICS;
  if (isLogged || settlement.permit.periods) env.after(write(settlement, event, isLogged ? event : undefined, env));
  wakeLine(settlement.permit.key.id, env);
  logLine(settlement, event, env);
  tellOdd(event, env);
}

/** Figures that cannot be true are never subtracted, and never pass in silence. */
function tellOdd(event: UsageEvent, env: Env): void {
  const isMissing = event.outcome === "complete" && event.isEstimated === true;
  if (!event.usage.isClamped && !isMissing) return;
  const { id: request, account, model, usage } = event;
  env.log("warn", usage.isClamped ? "usage clamped" : "usage missing", { request, account, model, usage });
}

function buildEvent(settlement: Settlement, env: Env): UsageEvent {
  const { call, permit, pool, startedAt } = settlement;
  const usage = settlement.usage ?? noUsage();
  const model = settlement.model ?? call.model;
  // Without a cost limit nothing hangs on the figure: the model is shown as unpriced, and its cost is not made up.
  const isLimited = permit.standings.some(({ unit }) => unit === "nanos");
  const list = { at: startedAt, prices: pool.prices, assumes: isLimited && env.config.UNPRICED_MODELS !== "pass" };
  const chargeIf = (used: Usage | undefined, asked: string | undefined, answered?: string): Charge | undefined =>
    used && call.isMetered ? computeCharge({ usage: used, asked, answered }, list) : undefined;
  const cost = chargeIf(usage, model, settlement.answerModel);
  // All fields in each event, undefined ones too, which JSON leaves out: to add one if it is there costs V8 a shape each.
  return {
    id: settlement.requestId,
    at: startedAt,
    key: permit.key.id,
    account: settlement.account,
    dialect: call.dialect,
    operation: call.operation,
    model: call.model,
    upstreamModel: model === call.model ? undefined : model,
    client: call.client,
    session: call.session,
    ip: settlement.ip,
    status: settlement.status,
    clientStatus: settlement.clientStatus === settlement.status ? undefined : settlement.clientStatus,
    outcome: settlement.outcome,
    failure: settlement.failure && `${settlement.failure.code}: ${settlement.failure.message}`,
    isStream: call.isStream,
    usage: cost?.usage ?? usage,
    isEstimated: settlement.isEstimated || undefined,
    costNanos: cost?.costNanos ?? 0,
    // Paid, and not delivered: its reader had left before the end, as a hang-up or a write that failed told.
    isUndelivered: settlement.outcome === "gone" && cost?.costNanos ? true : undefined,
    rates: cost?.rates,
    attempts: settlement.attempts.map((attempt) => ({
      ...attempt,
      costNanos: (attempt.charge === "charged" ? cost : chargeIf(attempt.usage, attempt.model))?.costNanos ?? 0,
    })),
    ms: settlement.ms,
    windows: settlement.windows,
    candidates: settlement.candidates?.length ? settlement.candidates : undefined,
    rules: settlement.rules.length > 0 ? settlement.rules : undefined,
  };
}

/** The long periods first and the day last: a racing admission then sees the cost, or the reservation, or both, but never neither. */
function settlementRows(settlement: Settlement, event: UsageEvent): MeterRow[] {
  const { key, periods, inFlight } = settlement.permit;
  if (!periods) return [];
  const spent = spentSteps({
    // What no sum could be: an upstream that tells it is lying.
    tokens: Math.min(totalTokens(event.usage), mostCounted),
    costNanos: Math.min(event.costNanos, mostCounted),
    model: settlement.call.model,
  });
  const counted = [{ cell: cells.requests, by: 1 }, ...spent];
  const rows: MeterRow[] = [];
  if (periods.week) rows.push({ row: rowName(key.id, periods.week.name), steps: counted });
  if (periods.window) rows.push({ row: rowName(key.id, periods.window.name), steps: spent });
  if (periods.hasTotal) rows.push({ row: rowName(key.id, "total"), steps: counted });
  // A call that outlived its day counts in the day that admitted it.
  rows.push({ row: rowName(key.id, periods.day.name), steps: spent });
  return mergeRows([...rows, ...(inFlight?.leave() ?? [])]);
}

async function write(
  settlement: Settlement,
  event: UsageEvent,
  logged: UsageEvent | undefined,
  env: Env,
): Promise<void> {
  const { key, periods } = settlement.permit;
  const rows = () => settlementRows(settlement, event);
  const index = rows().findIndex(({ row }) => periods?.week && row === rowName(key.id, periods.week.name));
  const results = await writeSettled({ id: event.id, event: logged, rows }, env);
  // The first call of a week lets its row vanish by itself after it.
  if (periods?.week && results?.[index]?.[0] === 1)
    await env.store.expire(rowName(key.id, periods.week.name), 16 * daySeconds).catch(() => undefined);
}

/** A million dollars: nine of them are exact sums still, and nine thousand fit a cell. */
const mostCounted = 1e15;

function logLine(settlement: Settlement, event: UsageEvent, env: Env): void {
  env.log(event.outcome === "complete" ? "info" : "warn", "call", {
    request: event.id,
    key: event.key,
    account: event.account,
    model: event.model,
    operation: event.operation,
    status: event.status,
    outcome: event.outcome,
    failure: event.failure,
    blame: settlement.failure?.blame,
    firstMs: event.ms.first,
    ms: event.ms.total,
    tokens: totalTokens(event.usage),
    costNanos: event.costNanos,
  });
}
