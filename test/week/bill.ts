import { readFileSync } from "node:fs";
import { calcPrice } from "@pydantic/genai-prices";

/**
 * A second program for the bill: `node test/week/bill.ts LOG` reads the provider's own log, one JSON line a call, and prints a
 * JSON list of what each costs in nano-dollars. It shares no code and no price with the relay.
 */
export interface Line {
  readonly provider: "anthropic" | "openai" | "google";
  readonly model: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly input: number;
  readonly cached: number;
  readonly written5m: number;
  readonly written1h: number;
  readonly output: number;
  readonly searches: number;
  readonly tier?: string;
  readonly geo?: string;
}

/** By the providers' pages: platform.claude.com about-claude/pricing (batch, data residency), openai.com/api/pricing (flex, priority). */
const tiers: Readonly<Record<string, number>> = {
  "anthropic batch": 0.5,
  "gpt-5 flex": 0.5,
  "gpt-5 priority": 2,
  "gpt-5-mini flex": 0.5,
  "gpt-5-mini priority": 1.8,
};
const residency = 1.1;
/** A model that no list knows: its family's dearest. */
const dearest: Readonly<Record<string, string>> = { "claude-opus-99": "claude-opus-4-1" };

/** No call of the week is long enough for a higher rate. */
const figure = (price: unknown): number =>
  typeof price === "object" && price !== null && "base" in price ? Number(price.base) : Number(price);

function billOf({ provider, model, at, tier, geo, ...tokens }: Line): number {
  const { input, cached, written5m, written1h, output, searches } = tokens;
  const usage = {
    input_tokens: input + cached + written5m + written1h,
    cache_read_tokens: cached,
    cache_write_tokens: written5m + written1h,
    output_tokens: output,
  };
  const found = calcPrice(usage, dearest[model] ?? model, { providerId: provider, timestamp: new Date(at) });
  const prices = (found?.model_price ?? {}) as Record<string, unknown>;
  // A write for an hour costs more than the one for five minutes that it was counted as; dollars a million are thousandths of a nano a token.
  const longer = written1h && written1h * 1e3 * (figure(prices.cache_write_1h_mtok) - figure(prices.cache_write_mtok));
  const factor = (tiers[`${provider} ${tier}`] ?? tiers[`${model} ${tier}`] ?? 1) * (geo === "us" ? residency : 1);
  return Math.round(((found?.total_price ?? NaN) * 1e9 + longer) * factor) + searches * 10_000_000;
}

const lines = readFileSync(process.argv[2] ?? "", "utf8")
  .split("\n")
  .filter(Boolean);
console.log(JSON.stringify(lines.map((line) => billOf(JSON.parse(line) as Line))));
