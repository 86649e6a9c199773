import { createHash } from "node:crypto";
import { Failure } from "../../../failure.ts";
import type { Headers } from "../../../wire/exchange.ts";
import { findFirstItems, findTopLevel, readTopLevel } from "../../../wire/top-level.ts";
import type { ClientName, Service } from "../dialect.ts";
import { routingFields } from "../routing.ts";

export type Fields = Record<string, unknown>;

/**
 * The few top-level fields that the relay must know, parsed, and those that would choose a model; those in `long` stay the bytes they are. Throws
 * `request.malformed` for what is not one JSON object.
 */
export function readFields(bytes: Buffer, wanted: readonly string[], long: readonly string[]): Fields {
  let cause: unknown;
  try {
    const fields = readTopLevel(bytes, [...wanted, ...routingFields], long);
    if (fields) return fields;
  } catch (error) {
    if (error instanceof Failure) throw error;
    cause = error;
  }
  const message = "We could not parse the JSON body of your request. It must be a JSON object.";
  throw new Failure("request.malformed", { message, cause });
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
  const [first = list, second] = findFirstItems(list, 2).map(({ start, end }) => list.subarray(start, end));
  const items = second && isInstruction(first) ? [first, second] : [first];
  for (const item of items) hash.update("\n").update(item.subarray(0, prefixBytes));
  return hash.digest("base64url").slice(0, 22);
}

function isInstruction(item: Buffer): boolean {
  const role = findTopLevel(item, ["role"])?.get("role");
  return (
    role !== undefined &&
    role.end - role.start < 20 &&
    /^"(system|developer)"$/.test(item.toString("utf8", role.start, role.end))
  );
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
