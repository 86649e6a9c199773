import type { Env } from "../../env.ts";
import type { Kind, Line } from "./record.ts";

/** How many records of a kind the store has not, has alike, and has otherwise. */
export interface Count {
  new: number;
  same: number;
  different: number;
}

/** What is done with the lines of one kind: `take` may hold some back, `finish` does the rest. */
export interface Taker {
  take(line: Line): Promise<void>;
  finish(): Promise<void>;
}

export interface Taking {
  /** False: only looks. */
  readonly isWriting: boolean;
  readonly env: Env;
  count(kind: Kind, outcome: keyof Count): void;
  note(sentence: string): void;
}
