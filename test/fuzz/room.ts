import type fc from "fast-check";
import type { Stage } from "./stage.ts";

/** One kind of input: what is made, and what must hold of the answer. `attempt` rejects if it does not. */
export interface Room<T = any> {
  readonly name: string;
  readonly arbitrary: fc.Arbitrary<T>;
  attempt(made: T, stage: Stage): Promise<void>;
}

/** Keeps the type of what is made within the room. */
export const room = <T>(of: Room<T>): Room => of;
