import type { Config } from "../../config.ts";
import { Failure } from "../../failure.ts";
import type { HangUp } from "../../wire/exchange.ts";

/**
 * The most that one call may take, whoever still listens: on Lambda nobody tells that a client has left. A call that is over
 * its ceiling ends as if it broke, with the reason as its stream's last event, and costs what was seen of it.
 */
export interface Ceiling {
  /** The client's, which fires at the ceiling too. */
  readonly signal: HangUp;
  /** `spentNanos`: what the call has cost so far, looked at once a second. */
  watch(spentNanos: () => number): void;
  /** The call has ended. */
  lift(): void;
}

type Limits = Pick<Config, "CALL_MAX_SECONDS" | "CALL_MAX_USD">;
const lookMs = 1_000;

/** Undefined where no ceiling is set: then a call costs no timer. */
export function openCeiling(client: HangUp, config: Limits): Ceiling | undefined {
  const { CALL_MAX_SECONDS: seconds, CALL_MAX_USD: dollars } = config;
  if (seconds === 0 && dollars === 0) return undefined;
  const controller = new AbortController();
  const pass = () => controller.abort(client.reason);
  if (client.aborted) pass();
  else client.addEventListener("abort", pass, { once: true });
  const end = (code: "upstream.timeout" | "limit.cost", message: string) =>
    controller.abort(new Failure(code, { message, isRetryable: false }));
  const late = () => end("upstream.timeout", `The call took longer than the ${seconds} seconds of CALL_MAX_SECONDS.`);
  const timer = seconds > 0 ? setTimeout(late, seconds * 1000) : undefined;
  let looking: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    watch(spentNanos) {
      if (dollars === 0) return;
      looking = setInterval(() => {
        if (spentNanos() > dollars * 1e9) end("limit.cost", `The call cost more than the $${dollars} of CALL_MAX_USD.`);
      }, lookMs);
    },
    lift() {
      clearTimeout(timer);
      clearInterval(looking);
      client.removeEventListener("abort", pass);
    },
  };
}
