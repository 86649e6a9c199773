import type { Call } from "../../dialects/dialect.ts";
import { isLoose, type Loose } from "../../dialects/openai/usage.ts";
import { Failure } from "../../../failure.ts";
import { unpack } from "../../upstreams/splice.ts";

/** What becomes of the fields of a request on its way over a bridge. A field that no row names is refused. */
export interface FieldTable {
  /** Said in the other language. */
  readonly carried: readonly string[];
  /** Wishes that the answer is right without: left out, which is a rule of the call. */
  readonly harmless?: readonly string[];
  /** Said by the values that stand here, which ask for nothing; any other value is refused. */
  readonly idle?: Readonly<Record<string, readonly unknown[]>>;
}

/** Bodies that were read: a request is said anew for each account that is tried, and its answer looks into it again. */
const read = new WeakMap<Buffer, Loose>();

/** A request's body as an object, which nobody may change. Throws `request.malformed`. */
export function readBody(call: Call): Loose {
  const known = read.get(call.body);
  if (known) return known;
  try {
    const body: unknown = JSON.parse(unpack(call).body.toString("utf8"));
    if (isLoose(body) && !Array.isArray(body)) {
      read.set(call.body, body);
      return body;
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure("request.malformed", { message: "The request body is not valid JSON.", cause: error });
  }
  throw new Failure("request.malformed", { message: "The request body must be a JSON object." });
}

/** Notes among the rules what a table leaves out of an object. Throws `request.unsupported`, naming the field. */
export function weigh(fields: Loose, table: FieldTable, place: string, rules: Set<string>): void {
  const left: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === null || value === undefined || table.carried.includes(name)) continue;
    if (table.harmless?.includes(name)) left.push(`${place}${name}`);
    else if (!isIdle(value, table.idle?.[name] ?? [])) throw unsupported(`${place}${name}`);
  }
  if (left.length > 0) rules.add(`left out: ${left.join(", ")}`);
}

function isIdle(value: unknown, idle: readonly unknown[]): boolean {
  const said = JSON.stringify(value);
  return idle.some((one) => JSON.stringify(one) === said);
}

/** What a field asks for cannot be had from the model that the bridge leads to. */
export function unsupported(field: string, why = "the model's own API has no word for it"): Failure {
  return new Failure("request.unsupported", { message: `Unsupported parameter: '${field}': ${why}.` });
}

export function malformed(message: string): Failure {
  return new Failure("request.malformed", { message });
}

export const looseOf = (value: unknown): Loose => (isLoose(value) ? value : {});

/** A list in an answer; whatever is none is empty. */
export const listed = (value: unknown): Loose[] => (Array.isArray(value) ? value.map(looseOf) : []);

/** A list of objects; nothing is an empty one. Throws `request.malformed`. */
export function listOf(value: unknown, field: string): Loose[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every(isLoose)) return value;
  throw malformed(`'${field}' must be a list of objects.`);
}

/** What is there and not null, under its new name: a table of fields becomes the object that says them. */
export function compact(fields: Loose): Loose {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}
