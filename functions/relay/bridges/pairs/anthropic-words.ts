import type { Call } from "../../dialects/dialect.ts";
import type { Loose } from "../../dialects/openai/usage.ts";
import { tokenCount } from "../../../core/money/usage.ts";
import type { Headers } from "../../../wire/exchange.ts";
import { looseOf, malformed } from "./fields.ts";
import type { Figures } from "./openai-words.ts";

/** The headers of a call that was not written by a client of Anthropic's API. */
export function anthropicHeaders(headers: Headers): Headers {
  const agent = headers["user-agent"];
  return {
    accept: "application/json",
    "content-type": "application/json",
    "anthropic-version": "2023-06-01",
    ...(agent === undefined ? {} : { "user-agent": agent }),
  };
}

/** Anthropic demands a bound on the answer; where the client sets none, the model's own, which OpenAI's API means then. */
export function mostTokensOf(model: string): number {
  if (/^claude-3-(opus|sonnet|haiku)/.test(model)) return 4_096;
  return /^claude-3-5/.test(model) ? 8_192 : 32_000;
}

const budgets: Readonly<Record<string, number>> = { minimal: 1_024, low: 2_048, medium: 8_192, high: 16_384 };
const efforts: Readonly<Record<string, string>> = { minimal: "low" };
/** Models that want a budget for their thinking; later ones choose it themselves, by effort. */
const budgeted = /^claude-(3|(opus|sonnet|haiku)-4(-[015])?(-\d{8})?(-v\d.*)?$)/;

/** An effort of OpenAI's as thinking. Source: docs.anthropic.com, extended thinking, adaptive thinking and effort. */
export function thinkingOf(effort: unknown, call: Call, mostTokens: number): Loose {
  if (effort === undefined || effort === null) return {};
  if (typeof effort !== "string") throw malformed("The reasoning effort must be a text.");
  // Off is the default; some models refuse to be told so, and think anyway.
  if (effort === "none") return {};
  if (!budgeted.test(call.model ?? "")) {
    return { thinking: { type: "adaptive" }, output_config: { effort: efforts[effort] ?? effort } };
  }
  const budget = Math.min(budgets[effort] ?? 24_576, mostTokens - 1);
  return budget < 1_024 ? {} : { thinking: { type: "enabled", budget_tokens: budget } };
}

/** Turns of one role in a row are one message: their blocks are joined. */
export function joinTurns(turns: readonly Turn[]): Turn[] {
  const joined: Turn[] = [];
  for (const turn of turns) {
    const last = joined.at(-1);
    if (last?.role === turn.role) last.content.push(...turn.content);
    else if (turn.content.length > 0) joined.push({ role: turn.role, content: [...turn.content] });
  }
  return joined;
}

export interface Turn {
  readonly role: "user" | "assistant";
  readonly content: Loose[];
}

/** With thinking on, Anthropic refuses a tool's result whose call came without the thinking that led to it. */
export function lacksThinking(turns: readonly Turn[]): boolean {
  const last = turns.findLast(({ role }) => role === "assistant");
  if (!last || turns.at(-1)?.content.every(({ type }) => type !== "tool_result")) return false;
  return last.content.some(({ type }) => type === "tool_use") && !/thinking$/.test(String(last.content[0]?.type));
}

/** Anthropic counts cached input apart, OpenAI as a part of the input. */
export function figuresOf(value: unknown): Figures {
  const usage = looseOf(value);
  const cached = tokenCount(usage.cache_read_input_tokens);
  const written = tokenCount(usage.cache_creation_input_tokens);
  return {
    input: tokenCount(usage.input_tokens) + cached + written,
    cached,
    written,
    output: tokenCount(usage.output_tokens),
    thinking: tokenCount(looseOf(usage.output_tokens_details).thinking_tokens),
  };
}

const errorTypes: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
  504: "timeout_error",
  529: "overloaded_error",
};
const tooLong = /context.length|context.window|input token count/i;

/** Another provider's error in Anthropic's words. Claude Code compacts a conversation when it reads that a prompt is too long. */
export function anthropicError(status: number, message: string, type: string): { type: "error"; error: Loose } {
  const isTooLong = status === 400 && tooLong.test(`${type} ${message}`) && !/^prompt is too long/.test(message);
  const words = isTooLong ? `prompt is too long: ${message}` : message;
  const fallback = status >= 500 ? "api_error" : "invalid_request_error";
  return { type: "error", error: { type: errorTypes[status] ?? fallback, message: words } };
}

const statuses: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  rate_limit_error: 429,
  overloaded_error: 529,
};

/** The status that an error inside a stream would have had. */
export const statusOf = (errorType: unknown): number => statuses[String(errorType)] ?? 500;
