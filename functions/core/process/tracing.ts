import type { Env } from "../../env.ts";
import { perEnv } from "../../env.ts";
import type { UsageEvent } from "../money/usage.ts";

/** A call that has ended, for whoever traces. Tells no prompt, no answer, no secret and none of a provider's words. */
export interface TracedCall {
  readonly event: UsageEvent;
  /** The failure's code, where there is one: its words may be the provider's. */
  readonly failure: string | undefined;
  /** An account's kind, which tells the provider. */
  kindOf(account: string): string | undefined;
  /** W3C `traceparent` as the client sent it, if it did. */
  readonly traceparent: string | undefined;
}

/** A call that was refused before it was admitted. */
export interface TracedRefusal {
  readonly id: string;
  readonly dialect: string;
  readonly failure: string;
  readonly status: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly traceparent: string | undefined;
}

/** Takes what is to be traced; it must not throw, and not keep the caller waiting. */
export interface Tracer {
  call(call: TracedCall): void;
  refusal(refusal: TracedRefusal): void;
}

const heldOf = perEnv((): { tracer?: Tracer } => ({}));

/** Has calls traced from now on. */
export function setTracer(tracer: Tracer, env: Env): void {
  heldOf(env).tracer = tracer;
}

/** Undefined where nobody traces, which is what nearly every relay does. */
export function findTracer(env: Env): Tracer | undefined {
  return heldOf(env).tracer;
}
