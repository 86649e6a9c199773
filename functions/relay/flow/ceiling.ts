import type { Config } from "../../config.ts";
import { Failure } from "../../failure.ts";
import { inWords, type Permit, type Standing } from "../../core/limits/limit.ts";
import type { HangUp } from "../../wire/exchange.ts";

type Limits = Pick<Config, "CALL_MAX_SECONDS" | "CALL_MAX_USD">;

/** What a call has cost so far. */
export interface Spent {
  readonly nanos: number;
  readonly tokens: number;
}

/** Where its key stands now; so much more is reserved for it from now on. */
export type LookAgain = (beyondNanos: number) => Promise<readonly Standing[]>;

/**
 * The most that one call may take, whoever still listens: the settings' bounds (on Lambda nobody tells that a client has
 * left), and the rest of its key's limits, for a call that outgrows its reservation or was alone when it began. A call that is
 * over its ceiling ends as if it broke, with the reason as its stream's last event, and costs what was seen of it. It is the
 * call's signal, which fires with the client's too.
 */
export class Ceiling implements HangUp {
  aborted = false;
  reason: unknown;
  readonly #client: HangUp;
  readonly #limits: Limits;
  readonly #onAbort: () => void;
  #listeners: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Up to here the call is within what it reserved, and within the rest of its key's limits as they were known. */
  #within: Spent;
  #isLooking = false;

  constructor(client: HangUp, permit: Permit, limits: Limits) {
    this.#client = client;
    this.#limits = limits;
    this.#within = withinOf(permit, permit.standings);
    const onAbort = () => this.#end(client.reason);
    this.#onAbort = onAbort;
    if (client.aborted) onAbort();
    else client.addEventListener("abort", onAbort, { once: true });
    const seconds = limits.CALL_MAX_SECONDS;
    const message = `The call took longer than the ${seconds} seconds of CALL_MAX_SECONDS.`;
    const late = () => this.#end(new Failure("upstream.timeout", { message, isRetryable: false }));
    if (seconds > 0) this.#timer = setTimeout(late, seconds * 1000);
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const index = this.#listeners.indexOf(listener);
    if (index >= 0) this.#listeners.splice(index, 1);
  }

  /** Once a second while an answer comes. Asks the store only when the call outgrows what was known of its key. */
  async look(spent: Spent, permit: Permit, lookAgain: LookAgain): Promise<void> {
    const dollars = this.#limits.CALL_MAX_USD;
    if (dollars > 0 && spent.nanos > dollars * 1e9)
      return this.#over("limit.cost", `The call cost more than the $${dollars} of CALL_MAX_USD.`);
    const isWithin = spent.nanos <= this.#within.nanos && spent.tokens <= this.#within.tokens;
    if (isWithin || this.#isLooking || this.aborted) return;
    this.#isLooking = true;
    try {
      const { nanos = 0 } = permit.inFlight?.share ?? {};
      const standings = await lookAgain(spent.nanos > nanos ? Math.max(nanos, spent.nanos - nanos) : 0);
      const passed = standings.find((standing) => roomIn(standing) < amountOf(spent, standing));
      if (!passed) this.#within = withinOf(permit, standings);
      else this.#over(passed.unit === "tokens" ? "limit.tokens" : "limit.cost", reached(passed));
    } finally {
      this.#isLooking = false;
    }
  }

  /** The call has ended. */
  lift(): void {
    clearTimeout(this.#timer);
    this.#client.removeEventListener("abort", this.#onAbort);
  }

  #over(code: "limit.cost" | "limit.tokens", message: string): void {
    this.#end(new Failure(code, { message, isRetryable: false }));
  }

  #end(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.#listeners.splice(0)) listener();
  }
}

const amountOf = (spent: Spent, { unit }: Standing) =>
  unit === "nanos" ? spent.nanos : unit === "tokens" ? spent.tokens : 0;

/** What this call may cost by one limit, beside what others have spent and reserved. */
const roomIn = ({ unit, limit, used, reserved, own }: Standing) =>
  unit === "nanos" || unit === "tokens" ? limit - used - (reserved - own) : Infinity;

function withinOf({ inFlight }: Permit, standings: readonly Standing[]): Spent {
  const least = (unit: Standing["unit"]) =>
    Math.min(...standings.filter((standing) => standing.unit === unit).map(roomIn));
  const { nanos } = inFlight?.share ?? { nanos: Infinity };
  const [nanosLeft, tokensLeft] = [least("nanos"), least("tokens")];
  return {
    nanos: nanosLeft === Infinity ? Infinity : Math.min(nanos, nanosLeft),
    tokens: tokensLeft,
  };
}

const reached = ({ name, limit, unit }: Standing) =>
  `This API key reached its ${name} limit of ${inWords(limit, unit)} while this call ran.`;

/** Undefined where neither a setting nor a limit of the key bounds a call: then it costs nothing. */
export function openCeiling(client: HangUp, permit: Permit, limits: Limits): Ceiling | undefined {
  if (!permit.inFlight && limits.CALL_MAX_SECONDS === 0 && limits.CALL_MAX_USD === 0) return undefined;
  return new Ceiling(client, permit, limits);
}
