import { Failure } from "../../failure.ts";
import { lookUp } from "../../wire/maps.ts";
import { countValues } from "../../wire/top-level.ts";
import { isObject, type JsonObject, parseObject } from "../../wire/json.ts";

/** What becomes of the fields of a request. A field that no row names is refused, or in the past left out. */
export interface FieldTable {
  /** Said in the other language. */
  readonly carried: readonly string[];
  /** Wishes that the answer is right without: left out, which is a rule of the call. */
  readonly harmless?: readonly string[];
  /** Values that ask for nothing; any other value of the field is refused. */
  readonly idle?: Readonly<Record<string, readonly unknown[]>>;
}

/** What Anthropic takes at most (platform.claude.com/docs, "request size limits"); the others' limits are near it. */
const mostBytes = 32 * 1024 * 1024;
/** A conversation of a million tokens has some ten thousand. Each takes microseconds of everybody's time. */
const mostValues = 200_000;

/** How one request is read and fitted: what was changed on the way, and whether it may still be refused. */
export class Reading {
  /** What was changed, in words for `x-relay-rules` and the request's detail. */
  readonly rules = new Set<string>();
  /** What was said before the model's last words. The user cannot mend it, so nothing there is refused. */
  isPast = false;
  #values = 0;

  /**
   * A request's text, or JSON within it, as an object; undefined for what is none. What is parsed is held and walked through at
   * once, unlike bytes that pass: throws `request.too-large` where all of a request's is too much for that.
   */
  parse(bytes: Buffer): JsonObject | undefined {
    if (bytes.length > mostBytes) throw tooLarge(`is ${Math.ceil(bytes.length / 1024 / 1024)} MB`);
    this.#values += countValues(bytes, mostValues - this.#values);
    if (this.#values > mostValues) throw tooLarge("holds more");
    return parseObject(bytes.toString("utf8"));
  }

  note(rule: string): void {
    this.rules.add(rule);
  }

  leaveOut(field: string, why = ""): void {
    this.rules.add(`left out: ${field}${why === "" ? "" : `, ${why}`}`);
  }

  /** The field asks for what the model's API cannot do: throws `request.unsupported`, and in the past leaves it out. */
  refuse(field: string, why = "the model's own API has no word for it"): undefined {
    if (!this.isPast) throw unsupported(field, why);
    this.leaveOut(field, why);
    return undefined;
  }

  /** Notes what a table leaves out of an object, and refuses what it does not know. */
  weigh(fields: JsonObject, table: FieldTable, place = ""): void {
    const left: string[] = [];
    for (const [name, value] of Object.entries(fields)) {
      if (value === null || value === undefined || table.carried.includes(name)) continue;
      if (table.harmless?.includes(name)) left.push(`${place}${name}`);
      else if (!isIdle(value, lookUp(table.idle ?? {}, name) ?? [])) this.refuse(`${place}${name}`);
    }
    if (left.length > 0) this.leaveOut(left.join(", "));
  }
}

function isIdle(value: unknown, idle: readonly unknown[]): boolean {
  const said = JSON.stringify(value);
  return idle.some((one) => JSON.stringify(one) === said);
}

export function unsupported(field: string, why = "the model's own API has no word for it"): Failure {
  return new Failure("request.unsupported", { message: `Unsupported parameter: '${field}': ${why}.` });
}

function tooLarge(what: string): Failure {
  const most = `${mostBytes / 1024 / 1024} MB and ${mostValues} JSON values and keys`;
  const message = `A request that the relay must translate for another API's model, or clear of another provider's thoughts, may hold ${most} (no setting raises it); this one ${what}. Shorten the conversation.`;
  return new Failure("request.too-large", { message, isRetryable: false });
}

export function malformed(message: string): Failure {
  return new Failure("request.malformed", { message });
}

/** A list of objects; nothing is an empty one. Throws `request.malformed`. */
export function listOf(value: unknown, field: string): JsonObject[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every(isObject)) return value;
  throw malformed(`'${field}' must be a list of objects.`);
}
