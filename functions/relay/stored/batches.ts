import { isDeepStrictEqual } from "node:util";
import type { ApiKey } from "../../core/keys/key.ts";
import { isModelName, mayUse } from "../../core/keys/model-rights.ts";
import { cells, periodsOf, rowName, spentSteps } from "../../core/limits/meter.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import { computeCharge } from "../../core/money/charge.ts";
import { fillUsage, isUntold, noUsage, tokenCount, totalTokens, type Usage } from "../../core/money/usage.ts";
import { writeOnce } from "../../core/usage/log.ts";
import type { Env } from "../../env.ts";
import { hasEscapedWord } from "../../wire/json-words.ts";
import { Failure } from "../../failure.ts";
import type { MeterRow } from "../../stores/store.ts";
import { type Body, pullBody } from "../../wire/dispatch.ts";
import { buildAnthropicReader } from "../dialects/anthropic/usage.ts";
import type { Call } from "../dialects/dialect.ts";
import { mergeUsage } from "../dialects/openai/usage.ts";
import { isObject, type JsonObject, objectOf, parseObject } from "../../wire/json.ts";

/** A batch whose results are seen. */
export interface Batch {
  readonly key: ApiKey;
  readonly pool: Pool;
  readonly call: Call;
  /** The account's id. */
  readonly account: string;
  /** The provider's own id. */
  readonly id: string;
  readonly requestId: string;
  readonly ip: string;
}

interface Sum {
  readonly usage: Usage;
  costNanos: number;
  rates?: Readonly<Record<string, number>> | undefined;
  isEstimated?: boolean;
}

/**
 * Refuses a new batch whose models the key may not use. An OpenAI batch names them in a file that the relay has not read: a key
 * with a list of models may make none. Values are compared as they are written, so that one with an escape is refused too.
 */
export function refuseModels(key: ApiKey, { dialect, plain, body }: Call): void {
  if (key.allowedModels.length === 0 && key.blockedModels.length === 0) return;
  if (dialect !== "anthropic") {
    throw new Failure("model.forbidden", {
      message: `The API key "${key.name}" is limited to certain models, and the models of this batch cannot be read.`,
    });
  }
  const text = plain ?? body;
  if (hasEscapedWord(text)) {
    throw new Failure("request.malformed", { message: "Names in a batch must be written without escaped letters." });
  }
  for (const [, model = ""] of text.toString("latin1").matchAll(/(?<!\\)"model"\s*:\s*"([^"]*)"/g)) {
    if (isModelName(model) && mayUse(key, model)) continue;
    throw new Failure("model.forbidden", { message: `The API key "${key.name}" may not use the model ${model}.` });
  }
}

/** Anthropic's results, metered at their end. They are read to it though their reader leaves, so they cannot be cancelled. */
export function meterResults(body: Body, batch: Batch, env: Env): Body {
  const sums = new Map<string, Sum>();
  let held = Buffer.alloc(0);
  const see = (chunk: Uint8Array) => {
    const lines = Buffer.concat([held, chunk]);
    const end = lines.lastIndexOf(10) + 1;
    held = lines.subarray(end);
    for (const line of lines.toString("utf8", 0, end).split("\n")) addResult(sums, parseObject(line), batch, env);
  };
  const read = async () => {
    const chunk = await body.read();
    see(chunk ?? Buffer.from("\n"));
    if (!chunk) env.after(settleBatch(sums, batch, env));
    return chunk;
  };
  return pullBody(read, () => undefined);
}

/** A result is read as the answer that it is: with what ran beside it, and an estimate where it tells no figures. */
function addResult(sums: Map<string, Sum>, line: JsonObject | undefined, batch: Batch, env: Env): void {
  const { message } = objectOf(line?.result);
  if (!isObject(message)) return;
  const reader = buildAnthropicReader();
  reader.see(Buffer.from(JSON.stringify(message)));
  reader.finish();
  const seen = reader.guess?.() ?? 0;
  const isEstimated = isUntold(reader.total(), seen);
  // What was asked stands in the batch, which the relay has not kept.
  const usage = isEstimated ? fillUsage(reader.total(), guessedTokens, seen) : reader.total();
  add(sums, { model: reader.model() ?? "", usage, times: 1, isEstimated }, batch, env);
}

/** Of a request in a batch that tells nothing of what it used. */
const guessedTokens = 1_000;

/** OpenAI's batch tells the sum of its requests: it is priced as so many requests of the same size. */
export async function meterOpenaiBatch(answer: JsonObject, batch: Batch, env: Env): Promise<void> {
  const { model, usage: told, status } = answer;
  if (!["completed", "cancelled", "expired"].includes(String(status))) return;
  const counts = objectOf(answer.request_counts);
  const usage = noUsage();
  mergeUsage(usage, told);
  const completed = counts.completed === undefined ? 1 : tokenCount(counts.completed);
  const isEstimated = completed > 0 && isUntold(usage, completed);
  const times = completed || 1;
  const used = isEstimated ? fillUsage(usage, guessedTokens * times, guessedTokens * times) : usage;
  if (totalTokens(used) === 0) return;
  const sums = new Map<string, Sum>();
  add(sums, { model: typeof model === "string" ? model : "", usage: used, times, isEstimated }, batch, env);
  await settleBatch(sums, batch, env);
}

interface Told {
  readonly model: string;
  readonly usage: Usage;
  /** How many requests the figures are the sum of. */
  readonly times: number;
  readonly isEstimated: boolean;
}

function add(sums: Map<string, Sum>, { model, usage, times, isEstimated }: Told, { pool }: Batch, env: Env): void {
  const sum = sums.get(model) ?? { usage: atBatchPrice(noUsage()), costNanos: 0 };
  // What each request used decides whether a price for long input holds, and sums of rounded shares are not exact.
  const { media: _media, ...all } = atBatchPrice(usage);
  const [each, whole] = [{ ...all, ...scale(usage, 1 / times) }, all].map((used) => {
    const list = { at: env.now(), prices: pool.prices, assumes: env.config.UNPRICED_MODELS !== "pass" };
    return computeCharge({ usage: used, asked: model, answered: undefined }, list);
  });
  const isSame = isDeepStrictEqual(each?.rates, whole?.rates);
  for (const [name, count] of Object.entries(scale(usage, 1)) as [Figure, number][])
    sum.usage[name] = (sum.usage[name] ?? 0) + count;
  sum.costNanos += isSame ? (whole?.costNanos ?? 0) : (each?.costNanos ?? 0) * times;
  sum.rates = each?.rates ?? sum.rates;
  sum.isEstimated ||= isEstimated;
  sums.set(model, sum);
}

const atBatchPrice = (usage: Usage): Usage => ({
  ...usage,
  serviceTier: "batch",
  ...(usage.parts ? { parts: usage.parts.map((part) => ({ ...part, usage: atBatchPrice(part.usage) })) } : {}),
});

const figures = [
  ...(["inputTokens", "outputTokens", "reasoningTokens"] as const),
  ...(["cacheReadTokens", "cacheWrite5mTokens", "cacheWrite1hTokens"] as const),
  ...(["webSearches", "fileSearches"] as const),
];
type Figure = (typeof figures)[number];

const scale = (usage: Usage, factor: number): Partial<Record<Figure, number>> =>
  Object.fromEntries(
    figures.filter((name) => usage[name] !== undefined).map((name) => [name, Math.round((usage[name] ?? 0) * factor)]),
  );

/** Longer than results are kept. */
const markedSeconds = 60 * 86_400;

/** Once for each batch, whoever looks and how often: its event is written with the mark that says so. */
async function settleBatch(sums: ReadonlyMap<string, Sum>, batch: Batch, env: Env): Promise<void> {
  for (const [model, sum] of sums) {
    const event = buildEvent(batch, model, sum, env.now());
    const logged = env.config.ENABLE_USAGE_STATISTICS ? event : undefined;
    const rows = () => rowsOf(batch.key, model, sum, env);
    await writeOnce({ id: event.id, event: logged, rows, markedSeconds }, env);
  }
}

function rowsOf(key: ApiKey, model: string, { usage, costNanos }: Sum, env: Env): MeterRow[] {
  const periods = periodsOf(key, env.now(), env.config);
  if (!periods) return [];
  const steps = [{ cell: cells.requests, by: 1 }, ...spentSteps({ tokens: totalTokens(usage), costNanos, model })];
  const { week, window, hasTotal, day } = periods;
  const names = [week?.name, window?.name, hasTotal ? "total" : undefined, day.name];
  return names.filter((name) => name !== undefined).map((name) => ({ row: rowName(key.id, name), steps }));
}

function buildEvent({ key, account, call, id, ip }: Batch, model: string, sum: Sum, at: number) {
  return {
    ...{
      id: `${account} ${id} ${model}`,
      at,
      key: key.id,
      account,
      dialect: call.dialect,
      operation: "batch",
      model,
      ip,
    },
    ...{ client: call.client, session: undefined, status: 200, outcome: "complete" as const, isStream: false },
    ...{ usage: sum.usage, costNanos: Math.round(sum.costNanos), rates: sum.rates, attempts: [] },
    isEstimated: sum.isEstimated,
    ms: { queue: 0, select: 0, head: 0, first: 0, total: 0 },
    rules: ["metered at the batch price, when its results were first seen"],
  };
}
