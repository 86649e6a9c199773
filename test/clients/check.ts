import type { Package } from "./fetch.ts";
import type { Seat, Stage } from "./stage.ts";

/** One thing that a client's users do, tried against a relay. Rejects with what is wrong. */
export interface Check {
  readonly name: string;
  /** Directives for the seat's accounts (test/upstream/README.md). */
  readonly directives?: string;
  /** The only one of OpenAI's languages that the seat's OpenAI account speaks. */
  readonly openaiLanguage?: "chat" | "responses";
  run(seat: Seat, stage: Stage): Promise<void>;
}

/** A genuine client in one version. */
export interface Client extends Package {
  readonly checks: readonly Check[];
}
