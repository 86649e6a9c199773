import { type Behaviour, numberOf } from "../behaviours.ts";

/** Token figures as the simulation decides them, before the wire's names. */
export interface SimulatedUsage {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
}

/** Directives that set a figure. `usage=none|start|end` leaves usage out of both places, or keeps it in one. */
export const usageDirectives = ["in", "out", "read", "w5m", "w1h", "usage"] as const;

/** Four bytes of the request make a token, so whoever has the bytes can tell the figure. */
export function countTokens(body: Buffer): number {
  return Math.ceil(body.length / 4);
}

/**
 * The usage of a request, a function of its bytes and of how many turns the model has taken. Without `cache_control`
 * all of it is input. With it, nine tenths are cached: all written on the first turn; later three quarters of them are
 * read. A `"ttl":"1h"` anywhere makes the writes 1-hour writes.
 */
export function usageFor(body: Buffer, modelTurns: number, outputBytes: number, behaviour: Behaviour): SimulatedUsage {
  const total = countTokens(body);
  const cached = body.includes('"cache_control"') ? Math.floor(total * 0.9) : 0;
  const read = modelTurns > 0 ? Math.floor(cached * 0.75) : 0;
  const written = cached - read;
  const isLong = /"ttl"\s*:\s*"1h"/.test(body.toString("latin1"));
  return {
    input: numberOf(behaviour, "in") ?? total - cached,
    output: numberOf(behaviour, "out") ?? Math.ceil(outputBytes / 4),
    cacheRead: numberOf(behaviour, "read") ?? read,
    cacheWrite5m: numberOf(behaviour, "w5m") ?? (isLong ? 0 : written),
    cacheWrite1h: numberOf(behaviour, "w1h") ?? (isLong ? written : 0),
  };
}

/** The whole `usage` object, as `message_start` and a plain answer carry it. */
export function wireUsage(usage: SimulatedUsage, outputTokens: number): Record<string, unknown> {
  return {
    input_tokens: usage.input,
    cache_creation_input_tokens: usage.cacheWrite5m + usage.cacheWrite1h,
    cache_read_input_tokens: usage.cacheRead,
    cache_creation: {
      ephemeral_5m_input_tokens: usage.cacheWrite5m,
      ephemeral_1h_input_tokens: usage.cacheWrite1h,
    },
    output_tokens: outputTokens,
    service_tier: "standard",
    inference_geo: "not_available",
  };
}

/** The cumulative figures of `message_delta`. */
export function wireDeltaUsage(usage: SimulatedUsage): Record<string, unknown> {
  return {
    input_tokens: usage.input,
    cache_creation_input_tokens: usage.cacheWrite5m + usage.cacheWrite1h,
    cache_read_input_tokens: usage.cacheRead,
    output_tokens: usage.output,
  };
}
