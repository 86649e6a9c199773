import { createHash } from "node:crypto";
import { Failure } from "../../../failure.ts";
import type { Headers } from "../../../wire/exchange.ts";
import { findFirstItem, findTopLevel, parseSpan } from "../../../wire/top-level.ts";
import type { ClientName, Service } from "../dialect.ts";

export type Fields = Record<string, unknown>;

/**
 * The few top-level fields that the relay must know, parsed; those in `long` stay the bytes they are. Throws
 * `request.malformed` for what is not one JSON object.
 */
export function readFields(bytes: Buffer, wanted: readonly string[], long: readonly string[]): Fields {
  try {
    const spans = findTopLevel(bytes, [...wanted, ...long]);
    if (!spans) return readOddly(bytes, long);
    const fields: Fields = {};
    for (const [name, span] of spans) {
      fields[name] = long.includes(name) ? bytes.subarray(span.start, span.end) : parseSpan(bytes, span);
    }
    return fields;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure("request.malformed", {
      message: "We could not parse the JSON body of your request.",
      cause: error,
    });
  }
}

function readOddly(bytes: Buffer, long: readonly string[]): Fields {
  const value: unknown = JSON.parse(bytes.toString("utf8"));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Failure("request.malformed", { message: "The request body must be a JSON object." });
  }
  const fields = { ...(value as Fields) };
  for (const name of long) if (fields[name] !== undefined) fields[name] = Buffer.from(JSON.stringify(fields[name]));
  return fields;
}

/** Throws as the official API words it; every call must name a model, since limits and prices hang on it. */
export function requireModel(fields: Fields): string {
  if (typeof fields.model === "string" && fields.model !== "") return fields.model;
  throw new Failure("request.malformed", { message: "Missing required parameter: 'model'." });
}

export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
export const countOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

const prefixBytes = 4_096;

/**
 * A conversation that bears no name is known by how it begins: its instructions and its first item, and the second one where
 * the first is a system message, which many conversations share.
 */
export function beginningOf(list: unknown, instructions?: unknown): string | undefined {
  if (!Buffer.isBuffer(list)) return undefined;
  const hash = createHash("sha256");
  if (Buffer.isBuffer(instructions)) hash.update(instructions.subarray(0, prefixBytes));
  const span = findFirstItem(list);
  const first = span ? list.subarray(span.start, span.end) : list;
  const second = span && isInstruction(first) ? secondOf(list.subarray(span.end)) : undefined;
  for (const item of [first, second]) if (item) hash.update("\n").update(item.subarray(0, prefixBytes));
  return hash.digest("base64url").slice(0, 22);
}

function isInstruction(item: Buffer): boolean {
  const role = findTopLevel(item, ["role"])?.get("role");
  return role !== undefined && /^"(system|developer)"$/.test(item.toString("utf8", role.start, role.end));
}

function secondOf(rest: Buffer): Buffer | undefined {
  const comma = rest.indexOf(0x2c);
  if (comma < 0) return undefined;
  const list = Buffer.concat([Buffer.from("["), rest.subarray(comma + 1)]);
  const span = findFirstItem(list);
  return span && list.subarray(span.start, span.end);
}

/** Codex names itself twice: what its originator says must be the first word of its user agent. */
export function clientOf(headers: Headers): ClientName | undefined {
  const originator = headers.originator ?? "";
  const isCodex = /^codex[ _-]/i.test(originator) && (headers["user-agent"] ?? "").startsWith(`${originator}/`);
  return isCodex ? "codex" : undefined;
}

/** Whose capability a call asks for, by its model: these routes reach other providers' models over bridges. */
export function serviceOf(model: string): Service {
  if (model.startsWith("claude-")) return "claude";
  return model.startsWith("gemini-") ? "gemini" : "openai";
}
