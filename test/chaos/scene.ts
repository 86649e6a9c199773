import type { Told } from "./client.ts";
import type { Random } from "./random.ts";
import type { Stage, StoreKind } from "./stage.ts";

export interface Scene {
  readonly stage: Stage;
  readonly random: Random;
  readonly tally: Told[];
  /** How long one part of a fault lasts. */
  readonly partMs: number;
  /** How often a process is killed. */
  readonly kills: number;
  readonly killedAt: number[];
  /** What should have been answered, and was not. */
  failed: number;
  /** Places of the narrow key that were not free in time. */
  locked: number;
}

export interface Fault {
  readonly name: string;
  readonly stores: readonly StoreKind[];
  readonly isQuick?: boolean;
  run(scene: Scene): Promise<void>;
  /** After the last call: what the relay's end meets. */
  last?(scene: Scene): Promise<void>;
  /** After the relay has ended, before its books are read. */
  after?(scene: Scene): Promise<void>;
}

export const everywhere: readonly StoreKind[] = ["embedded", "redis", "upstash"];
