import { failures, type Blame, type FailureCode } from "../../failure.ts";
import { familyOf } from "../../core/keys/model-families.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { periodsOf } from "../../core/limits/meter.ts";
import type { Zone } from "../../core/limits/period.ts";
import { listPeriods } from "../../core/limits/limit-status.ts";
import { costClasses, countClasses, isSearchClass, rateName } from "../../core/money/price.ts";
import type { Usage, UsageEvent } from "../../core/money/usage.ts";
import { tokenCount, totalTokens, withoutParts } from "../../core/money/usage.ts";
import type { RequestDetailView, RequestRow } from "./request-schema.ts";
import type { Found } from "./log-pages.ts";
import { usd, type Names } from "./view.ts";

const whole = (value: unknown): number => (Number.isSafeInteger(value) ? Number(value) : 0);
const words = (value: unknown): string | null => (typeof value === "string" ? value : null);

export function buildRow({ logId, event }: Found, names: Names): RequestRow {
  return {
    logId,
    id: event.id,
    at: event.at,
    key: { id: event.key, name: names.key(event.key) },
    account: event.account === undefined ? null : { id: event.account, name: names.account(event.account) },
    dialect: words(event.dialect) ?? "",
    operation: words(event.operation) ?? "",
    model: words(event.model),
    client: words(event.client),
    status: whole(event.status),
    clientStatus: whole(event.clientStatus ?? event.status),
    outcome: event.outcome,
    failure: words(event.failure),
    blame: blameOf(event),
    isStream: event.isStream === true,
    tokens: totalTokens(event.usage),
    costUsd: usd(tokenCount(event.costNanos)),
    isPriced: event.rates !== undefined,
    isOwnPrice: event.rates?.own === 1,
    isAssumedPrice: event.rates?.assumed === 1,
    firstMs: whole(event.ms.first),
    totalMs: whole(event.ms.total),
    attempts: event.attempts.length,
  };
}

/** By the failure's own code; an answer with an error status that was passed on is its client's fault, or the provider's. */
export function blameOf({ failure, outcome, status }: UsageEvent): Blame | null {
  const code = words(failure)?.split(":")[0] ?? "";
  // Entries of version 0.1 call what a client asked wrongly the provider's refusal, too.
  if (code === "upstream.refused" && askersFault.has(status)) return "client";
  if (Object.hasOwn(failures, code)) return failures[code as FailureCode].blame;
  if (outcome === "gone") return "client";
  if (status >= 500 || outcome === "broken" || outcome === "failed") return "upstream";
  return status >= 400 ? "client" : null;
}

const askersFault: ReadonlySet<number> = new Set([400, 404, 405, 413, 415, 422]);

export function buildDetail(found: Found, key: ApiKey | undefined, names: Names, zone: Zone): RequestDetailView {
  const { event } = found;
  const { usage, ms } = event;
  const who = (id: string) => ({ id, name: names.account(id) });
  return {
    ...buildRow(found, names),
    upstreamModel: words(event.upstreamModel),
    session: words(event.session),
    ip: words(event.ip) ?? "",
    isUndelivered: event.isUndelivered === true,
    isEstimated: event.isEstimated === true,
    serviceTier: words(usage.serviceTier),
    usage: {
      inputTokens: tokenCount(usage.inputTokens),
      outputTokens: tokenCount(usage.outputTokens),
      cacheReadTokens: tokenCount(usage.cacheReadTokens),
      cacheWrite5mTokens: tokenCount(usage.cacheWrite5mTokens),
      cacheWrite1hTokens: tokenCount(usage.cacheWrite1hTokens),
      reasoningTokens: tokenCount(usage.reasoningTokens),
      webSearches: tokenCount(usage.webSearches),
    },
    costs: buildCosts(usage, event.rates ?? {}),
    timings: {
      queue: whole(ms.queue),
      select: whole(ms.select),
      head: whole(ms.head),
      first: whole(ms.first),
      total: whole(ms.total),
    },
    tries: event.attempts.map(
      ({ account, status, reason, type, requestId, startedMs, ms: length, charge, costNanos }) => ({
        ...{ account: who(account), status, reason, type: words(type), requestId: words(requestId) },
        ...{ startedMs, ms: length, charge, costUsd: usd(costNanos) },
      }),
    ),
    passedOver: (event.candidates ?? []).map(({ account, reason }) => ({ account: who(account), reason })),
    rules: [...(event.rules ?? [])],
    meters: key ? listMoved(event, key, zone) : [],
  };
}

const picosPerNano = 1_000n;
const picosPerUsd = 1e12;

/** As the cost was computed (price.ts, charge.ts): one rounding of the sum, each class what it adds to it, and the parts. */
function buildCosts(usage: Usage, rates: Readonly<Record<string, number>>): RequestDetailView["costs"] {
  let picos = 0n;
  let nanos = 0;
  const counts = countClasses(withoutParts(usage), {
    drawsImages: rates.outputImagePicos !== undefined,
    isSearchPerCall: rates.searchPerCall === 1,
  });
  const own = costClasses.flatMap((name) => {
    const isSearch = isSearchClass(name);
    const count = counts[name] ?? 0;
    const rate = tokenCount(rates[rateName(name)]);
    if (count === 0 || rate === 0) return [];
    picos += BigInt(count) * BigInt(rate) * (isSearch ? picosPerNano : 1n);
    const sum = Number((picos + picosPerNano / 2n) / picosPerNano);
    const more = sum - nanos;
    nanos = sum;
    return [{ class: name, count, rateUsd: isSearch ? usd(rate) : (rate * 1e6) / picosPerUsd, costUsd: usd(more) }];
  });
  const parts = (usage.parts ?? []).map((part) => {
    const costUsd = usd(tokenCount(part.costNanos));
    const count = totalTokens(part.usage);
    return { class: "part", count, rateUsd: count === 0 ? 0 : (costUsd / count) * 1e6, costUsd };
  });
  return [...own, ...parts];
}

function listMoved(event: UsageEvent, key: ApiKey, zone: Zone): RequestDetailView["meters"] {
  const periods = periodsOf(key, event.at, zone);
  if (!periods) return [];
  const family = (event.model === undefined ? undefined : familyOf(event.model)) ?? null;
  const moved = { tokens: totalTokens(event.usage), costUsd: usd(tokenCount(event.costNanos)), family };
  return listPeriods(key, periods).map(({ row, period }) => ({ row, period, ...moved }));
}
