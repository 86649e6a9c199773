import type { ApiKey } from "../../core/keys/key.ts";
import { isModelName, mayUse } from "../../core/keys/model-rights.ts";
import { cells, periodsOf, rowName, spentSteps } from "../../core/limits/meter.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import { computeCharge } from "../../core/money/charge.ts";
import { noUsage, totalTokens, type Usage } from "../../core/money/usage.ts";
import { writeSettled } from "../../core/usage/log.ts";
import type { Env } from "../../env.ts";
import { hasEscapedWord } from "../../wire/json-words.ts";
import { Failure } from "../../failure.ts";
import type { MeterRow } from "../../stores/store.ts";
import { type Body, pullBody } from "../../wire/dispatch.ts";
import { mergeAnthropicUsage } from "../dialects/anthropic/usage.ts";
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

function addResult(sums: Map<string, Sum>, line: JsonObject | undefined, batch: Batch, env: Env): void {
  const message = objectOf(objectOf(line?.result).message);
  if (typeof message.model !== "string" || !isObject(message.usage)) return;
  const usage = noUsage();
  mergeAnthropicUsage(usage, message.usage);
  add(sums, { model: message.model, usage, times: 1 }, batch, env);
}

/** OpenAI's batch tells the sum of its requests: it is priced as so many requests of the same size. */
export async function meterOpenaiBatch(answer: JsonObject, batch: Batch, env: Env): Promise<void> {
  const { model, usage: told, status } = answer;
  if (!["completed", "cancelled", "expired"].includes(String(status)) || !isObject(told)) return;
  const times = Number(objectOf(answer.request_counts).completed) || 1;
  const sums = new Map<string, Sum>();
  const usage = noUsage();
  mergeUsage(usage, told);
  add(sums, { model: typeof model === "string" ? model : "", usage, times }, batch, env);
  await settleBatch(sums, batch, env);
}

interface Told {
  readonly model: string;
  readonly usage: Usage;
  /** How many requests the figures are the sum of. */
  readonly times: number;
}

function add(sums: Map<string, Sum>, { model, usage, times }: Told, { pool }: Batch, env: Env): void {
  const sum = sums.get(model) ?? { usage: { ...noUsage(), serviceTier: "batch" }, costNanos: 0 };
  const each = { ...noUsage(), serviceTier: "batch" };
  addUsage(each, usage, 1 / times);
  const list = { at: env.now(), prices: pool.prices, assumes: env.config.UNPRICED_MODELS !== "pass" };
  const charge = computeCharge({ usage: each, asked: model, answered: undefined }, list);
  addUsage(sum.usage, usage, 1);
  sum.costNanos += (charge?.costNanos ?? 0) * times;
  sum.rates = charge?.rates ?? sum.rates;
  sums.set(model, sum);
}

const figures = [
  ...(["inputTokens", "outputTokens", "reasoningTokens"] as const),
  ...(["cacheReadTokens", "cacheWrite5mTokens", "cacheWrite1hTokens"] as const),
];

function addUsage(sum: Usage, usage: Usage, factor: number): void {
  for (const name of figures) sum[name] += Math.round(usage[name] * factor);
  if (usage.webSearches) sum.webSearches = (sum.webSearches ?? 0) + Math.round(usage.webSearches * factor);
}

const keptSeconds = 60 * 86_400;

/** Once for each batch, whoever looks and how often: the first look leaves a mark for longer than results are kept. */
async function settleBatch(sums: ReadonlyMap<string, Sum>, batch: Batch, env: Env): Promise<void> {
  const { account, id, key } = batch;
  const options = { ttlSeconds: keptSeconds, onlyIfAbsent: true };
  if (sums.size === 0 || !(await env.store.write(`batch/${account}/${id}`, key.id, options))) return;
  for (const [model, sum] of sums) {
    const event = buildEvent(batch, model, sum, env.now());
    const logged = env.config.ENABLE_USAGE_STATISTICS ? event : undefined;
    await writeSettled({ id: event.id, event: logged, rows: () => rowsOf(key, model, sum, env) }, env);
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
    ...{ id: `${id} ${model}`, at, key: key.id, account, dialect: call.dialect, operation: "batch", model, ip },
    ...{ client: call.client, session: undefined, status: 200, outcome: "complete" as const, isStream: false },
    ...{ usage: sum.usage, costNanos: Math.round(sum.costNanos), rates: sum.rates, attempts: [] },
    ms: { queue: 0, select: 0, head: 0, first: 0, total: 0 },
    rules: ["metered at the batch price, when its results were first seen"],
  };
}
