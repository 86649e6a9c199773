import type { Conversation, Sampling, Thinking, Turn } from "../conversation.ts";
import type { Reading } from "../fields.ts";
import type { Limits } from "./limits.ts";

/** How a model is to think, sample and end, as far as it can be told. */

const scale = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/** The nearest effort that is not more than what was asked for, else the least. */
function nearest(effort: string, efforts: readonly string[]): string | undefined {
  if (efforts.includes(effort)) return effort;
  const at = scale.indexOf(effort);
  const able = efforts.filter((one) => one !== "none");
  return able.findLast((one) => scale.indexOf(one) <= at) ?? able[0];
}

const effortOf = (budget: number): string => (budget < 4_096 ? "low" : budget < 16_384 ? "medium" : "high");
/** Source of Google's: ai.google.dev/gemini-api/docs/openai, thinking. */
const budgets: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  anthropic: { minimal: 1_024, low: 2_048, medium: 8_192, high: 16_384 },
  gemini: { minimal: 1_024, low: 1_024, medium: 8_192, high: 24_576 },
};

export function fitThinking(given: Conversation, limits: Limits, reading: Reading): Thinking {
  const { thinksBy } = limits;
  if (thinksBy === "budget") return withTools(fitBudget(given, limits, reading), given, limits, reading);
  if (thinksBy === "effort") return withTools(fitEffort(given.thinking, limits, reading), given, limits, reading);
  return fitSwitch(given.thinking, thinksBy, reading);
}

function fitSwitch(thinking: Thinking, thinksBy: "never" | "always" | "switch", reading: Reading): Thinking {
  const { mode, effort, budget } = thinking;
  const untold: Thinking = { ...thinking, mode: undefined, effort: undefined, budget: undefined };
  if (thinksBy === "never") {
    const isAsked = mode === "on" || (effort !== undefined && effort !== "none");
    if (isAsked) reading.leaveOut("thinking (effort, budget)", "which the model does not have");
    return untold;
  }
  if (effort ?? budget) reading.leaveOut("thinking effort, budget", "which the model cannot be told");
  if (thinking.isShown !== (mode === "on"))
    reading.leaveOut("thinking.display, reasoning.summary, generate_summary, includeThoughts");
  if (thinksBy === "switch") return { ...untold, mode };
  if (mode === "off") reading.leaveOut("thinking off", "since the model decides that itself");
  return untold;
}

/** What Claude's thinking does not go together with. */
function withTools(fitted: Thinking, given: Conversation, limits: Limits, reading: Reading): Thinking {
  if (limits.maker === "anthropic" && fitted.mode === undefined && fitted.isShown) {
    reading.leaveOut("reasoning.summary, generate_summary, includeThoughts", "since no thinking is asked for");
  }
  if (limits.maker !== "anthropic" || fitted.mode !== "on") return fitted;
  const off: Thinking = { ...fitted, mode: "off", budget: undefined };
  const isForced = given.toolChoice?.mode === "any" || given.toolChoice?.mode === "tool";
  if (isForced && !limits.mayForceWhileThinking) {
    reading.note("thinking left off, since a tool call is forced");
    return off;
  }
  if (fitted.budget === undefined || !lacksThinking(given.turns)) return fitted;
  reading.note("thinking left off, since the last tool call (of reasoning effort or budget) came without any");
  return off;
}

/** With a budget, Anthropic refuses a tool's result whose call came without the thinking that led to it. */
function lacksThinking(turns: readonly Turn[]): boolean {
  const last = turns.findLast(({ role }) => role === "assistant");
  const isPending = turns.at(-1)?.parts.some(({ kind }) => kind === "result") ?? false;
  return isPending && last?.parts[0]?.kind !== "thinking";
}

function fitEffort(thinking: Thinking, limits: Limits, reading: Reading): Thinking {
  const { efforts } = limits;
  const { mode, effort, budget } = thinking;
  const plain = { ...thinking, budget: undefined };
  if (mode === "off" || effort === "none") {
    // Off is the default of Claude's; some refuse to be told so.
    if (limits.maker === "anthropic") {
      if (effort === "none") reading.note("reasoning_effort none: thinking is not asked for");
      return { ...plain, mode: "off", effort: undefined };
    }
    const least = efforts[0];
    if (least !== "none") reading.note(`thinking off → effort ${String(least)}, the least there is`);
    return { ...plain, mode: least === "none" ? "off" : "on", effort: least, isShown: false };
  }
  const asked = effort ?? (budget === undefined ? undefined : effortOf(budget));
  if (asked === undefined) return plain;
  const said = nearest(asked, efforts);
  if (effort === undefined) reading.note(`thinking budget ${String(budget)} → effort ${String(said)}`);
  else if (said !== effort) reading.note(`effort ${effort} → ${String(said)}, the nearest there is`);
  return { ...plain, mode: mode ?? "on", effort: said };
}

function fitBudget(given: Conversation, limits: Limits, reading: Reading): Thinking {
  const { thinking, maxTokens } = given;
  const { mode, effort } = thinking;
  const [least] = limits.budget;
  const isClaude = limits.maker === "anthropic";
  const plain = { ...thinking, effort: undefined };
  if (mode === "off" || effort === "none") {
    if (isClaude && effort === "none") reading.note("reasoning_effort none: thinking is not asked for");
    if (!isClaude && least > 0) reading.note(`thinking off → budget ${least}, the least there is`);
    return { ...plain, mode: "off", budget: isClaude ? undefined : least, isShown: false };
  }
  const asked = thinking.budget ?? budgetOf(effort, limits);
  // Gemini decides itself; Claude must be told a number.
  if (asked === undefined && (mode === undefined || !isClaude)) return plain;
  const budget = clampBudget(asked, isClaude ? maxTokens : undefined, limits);
  if (budget < least) {
    reading.note(`thinking (effort, budget) left off, since max_tokens ${String(maxTokens)} leaves no room for it`);
    return { ...plain, mode: "off", budget: undefined };
  }
  if (effort !== undefined && thinking.budget === undefined)
    reading.note(`effort ${effort} → thinking budget ${budget}`);
  else if (thinking.budget !== budget) reading.note(`thinking budget → ${budget}, the nearest there is`);
  return { ...plain, mode: "on", budget };
}

const budgetOf = (effort: string | undefined, { maker }: Limits): number | undefined =>
  effort === undefined ? undefined : (budgets[maker]?.[effort] ?? 24_576);

/** An answer's bound holds its thoughts, too, and must be greater. */
function clampBudget(asked: number | undefined, maxTokens: number | undefined, { budget, maker }: Limits): number {
  const [least, most] = budget;
  const room = maxTokens === undefined ? Infinity : maxTokens - 1;
  return Math.min(Math.max(asked ?? budgets[maker]?.medium ?? least, least), most, room);
}

const words: Readonly<Record<keyof Sampling, string>> = {
  temperature: "temperature",
  topP: "top_p, topP",
  topK: "top_k, topK",
  seed: "seed",
  frequencyPenalty: "frequency_penalty, frequencyPenalty",
  presencePenalty: "presence_penalty, presencePenalty",
};

export function fitSampling(given: Sampling, thinking: Thinking, limits: Limits, reading: Reading): Sampling {
  const isThinking =
    limits.thinksBy !== "never" && thinking.mode !== "off" && (limits.maker !== "anthropic" || thinking.mode === "on");
  const able = isThinking ? limits.samplingWhileThinking : limits.sampling;
  const sampling: { -readonly [Name in keyof Sampling]: number | undefined } = {};
  for (const name of Object.keys(words) as (keyof Sampling)[]) {
    const value = given[name];
    if (value === undefined) continue;
    if (able.includes(name)) sampling[name] = value;
    // 1 is the default of both.
    else if (value !== 1 || (name !== "temperature" && name !== "topP")) {
      reading.leaveOut(
        words[name],
        isThinking ? "which a thinking model does not take" : "which the model does not take",
      );
    }
  }
  const { temperature, topP } = sampling;
  if (temperature !== undefined && temperature > limits.mostTemperature) {
    reading.note(`temperature ${temperature} → ${limits.mostTemperature}, the highest there is`);
    sampling.temperature = limits.mostTemperature;
  }
  if (limits.isTemperatureOrTopP && temperature !== undefined && topP !== undefined) {
    if (topP !== 1 && temperature !== 1)
      reading.leaveOut("top_p, topP", "since the model takes either temperature or top_p");
    delete sampling[temperature === 1 ? "temperature" : "topP"];
  }
  return sampling;
}

/** Claude must be told a bound; 32,000 tokens are as much as one answer of an agent needs. */
const usualOutput = 32_000;

export function fitMaxTokens(asked: number | undefined, limits: Limits, reading: Reading): number | undefined {
  const { leastOutput, mostOutput } = limits;
  if (asked === undefined) return limits.needsMaxTokens ? Math.min(usualOutput, mostOutput) : undefined;
  const fitted = Math.min(Math.max(asked, leastOutput), mostOutput);
  if (fitted !== asked)
    reading.note(`max_tokens ${asked} → ${fitted}, the ${fitted < asked ? "most" : "least"} there is`);
  return fitted;
}
