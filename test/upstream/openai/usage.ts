import { type Behaviour, numberOf } from "../behaviours.ts";
import { usageFor } from "../anthropic/usage.ts";

/** Directives that set a figure; `usage=none` leaves all of them out. */
export const usageDirectives = ["in", "out", "read", "reasoning", "tier", "usage"] as const;

export interface OpenaiUsage {
  /** Cached ones included, as OpenAI counts them. */
  input: number;
  cached: number;
  /** Reasoning included. */
  output: number;
  reasoning: number;
}

/** A token is four bytes of request, as everywhere in the simulation; `in=` and `read=` add up to the wire's input. */
export function openaiUsage(body: Buffer, outputBytes: number, behaviour: Behaviour): OpenaiUsage {
  const { input, cacheRead, output } = usageFor(body, 0, outputBytes, behaviour);
  return { input: input + cacheRead, cached: cacheRead, output, reasoning: numberOf(behaviour, "reasoning") ?? 0 };
}

export function responsesUsage({ input, cached, output, reasoning }: OpenaiUsage): Record<string, unknown> {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}

export function chatUsage({ input, cached, output, reasoning }: OpenaiUsage): Record<string, unknown> {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0 },
  };
}
