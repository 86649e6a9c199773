import { Failure } from "../../failure.ts";
import type { Zone } from "../../core/limits/period.ts";

/** What a backup holds, by kind, in the order in which it stands there. */
export const kinds = [
  "accounts",
  "groups",
  "prices",
  "settings",
  "keys",
  "admin",
  "meters",
  "usage",
  "events",
  "audit",
] as const;
export type Kind = (typeof kinds)[number];

/** The first line: what an import must know to say what will be different. */
export interface About {
  readonly kind: "about";
  readonly sanitised: boolean;
  readonly zone: Zone;
}

/** Fields of one record of a table. `sealed` are those that the store keeps encrypted, here in the clear, by field. */
export interface TableLine {
  readonly kind: "accounts" | "groups" | "prices" | "settings" | "keys" | "admin" | "usage";
  readonly table: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly sealed?: Readonly<Record<string, string>>;
  /** What the store has by then is newer, and stays. */
  readonly isOnlyNew?: boolean;
}

/** A plain value of the store; `isSealed`: kept encrypted there. */
export interface ValueLine {
  readonly kind: "admin";
  readonly name: string;
  readonly value: string;
  readonly isSealed: boolean;
}

export interface MeterLine {
  readonly kind: "meters";
  readonly row: string;
  readonly cells: readonly (readonly [cell: number, value: number])[];
  /** 0: it never vanishes. */
  readonly ttlSeconds: number;
}

/** An entry of the usage log or of the audit chain, as it stands there. */
export interface EntryLine {
  readonly kind: "events" | "audit";
  readonly entry: string;
}

/** The chain's end, after its entries. */
export interface AuditHeadLine {
  readonly kind: "audit-head";
  readonly value: string;
}

export type Line = About | TableLine | ValueLine | MeterLine | EntryLine | AuditHeadLine;

export async function* writeLines(lines: AsyncIterable<Line>): AsyncGenerator<Buffer> {
  for await (const line of lines) yield Buffer.from(`${JSON.stringify(line)}\n`);
}

/** The longest are a day of a key over many accounts and models: some 100 bytes for each pair. */
const longestLine = 4_194_304;

/** The lines of a file, each as text. Throws `request.malformed` for one that no backup has. */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let held = 0;
  for await (const piece of bytes) {
    let rest = Buffer.from(piece);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield Buffer.concat([...parts, rest.subarray(0, end)]).toString("utf8");
      parts = [];
      held = 0;
      rest = rest.subarray(end + 1);
    }
    if (rest.length === 0) continue;
    parts.push(rest);
    held += rest.length;
    if (held > longestLine) {
      const message = `The file has a line of more than ${longestLine / 1_048_576} MB, which no backup has.`;
      throw new Failure("request.malformed", { message, isRetryable: false });
    }
  }
}

/** Infinity for what is no entry of the chain. */
export function numberOf(entry: string): number {
  try {
    const { number } = JSON.parse(entry) as { number?: unknown };
    return typeof number === "number" ? number : Infinity;
  } catch (error) {
    // `verifyAudit` tells such bytes where they are; they are not carried on.
    void error;
    return Infinity;
  }
}
