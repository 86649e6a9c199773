import type { Environment } from "../../functions/config.ts";

/** What a command needs of the world. */
export interface Terminal {
  readonly environment: Environment;
  readonly say: (line: string) => void;
  /** Asks without showing what is typed; undefined where nobody can answer. */
  readonly askSecret: (question: string) => Promise<string | undefined>;
  readonly isYes: (question: string) => Promise<boolean>;
}

export interface Flags {
  readonly store?: string | undefined;
  readonly redis?: string | undefined;
  /** The relay's address. */
  readonly url?: string | undefined;
  /** Programs to set up, with commas between them. */
  readonly only?: string | undefined;
  readonly undo?: boolean | undefined;
  /** A server that tells the time. */
  readonly clock?: string | undefined;
  readonly out?: string | undefined;
  readonly sanitised?: boolean | undefined;
  readonly "dry-run"?: boolean | undefined;
  readonly yes?: boolean | undefined;
}

export type Run = (files: readonly string[], flags: Flags, terminal: Terminal) => Promise<number>;
