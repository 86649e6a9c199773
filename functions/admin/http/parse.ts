import type * as z from "zod/mini";
import { Failure } from "../../failure.ts";
import type { BodyTerms, Request } from "../../wire/exchange.ts";
import { invalid } from "./invalid.ts";
import type { Schema } from "./operation.ts";

/** The largest admin body: five hundred keys with everything set are well below it. */
const limitBytes = 1_048_576;

/** The body as the schema reads it. Throws `request.malformed` naming the first field that is wrong or unknown. */
export async function parseBody(
  request: Request,
  schema: Schema | undefined,
  mostBytes = limitBytes,
  terms: BodyTerms = {},
): Promise<unknown> {
  if (!schema) return undefined;
  const text = (await request.body(mostBytes, terms)).toString("utf8");
  return parse(schema, text.trim() === "" ? {} : readJson(text), "The body");
}

export function parseQuery(request: Request, schema: Schema | undefined): unknown {
  const given: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(request.query)) {
    if (name in given) throw invalid(name, "is given twice");
    given[name] = value;
  }
  return schema ? parse(schema, { ...given }, "The query") : undefined;
}

export function parse(schema: Schema, value: unknown, what: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (!issue) throw new Failure("request.malformed", { message: `${what} is not valid.` });
  if (issue.code === "invalid_type" && isMissing(value, issue.path))
    throw invalid(issue.path.map(String).join("."), "is required");
  const field = [...issue.path, ...(issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [])]
    .map(String)
    .join(".");
  if (field === "") throw new Failure("request.malformed", { message: `${what} ${word(issue)}.`, isRetryable: false });
  throw invalid(field.slice(0, 200), word(issue));
}

function isMissing(value: unknown, path: readonly PropertyKey[]): boolean {
  let at = value;
  for (const step of path)
    at = typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[step] : undefined;
  return path.length > 0 && at === undefined;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure("request.malformed", {
      message: "The body is not valid JSON.",
      cause: error,
      isRetryable: false,
    });
  }
}

type Issue = z.core.$ZodIssue;
type Worded = { [Code in Issue["code"]]?: (issue: Extract<Issue, { code: Code }>) => string };

const unit: Readonly<Record<string, string>> = {
  string: " characters",
  array: " entries",
  set: " entries",
  map: " entries",
};
const article: Readonly<Record<string, string>> = {
  object: "an object",
  array: "an array",
  int: "a whole number",
  null: "null",
};

const words: Worded = {
  unrecognized_keys: () => "is not a field that this operation knows",
  invalid_type: (issue) => `must be ${article[issue.expected] ?? `a ${issue.expected}`}`,
  too_small: (issue) => `must be at least ${issue.minimum}${unit[issue.origin] ?? ""}`,
  too_big: (issue) =>
    `must be ${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}${unit[issue.origin] ?? ""}`,
  invalid_value: (issue) => `must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`,
  invalid_union: (issue) =>
    "options" in issue && Array.isArray(issue.options)
      ? `must be one of ${issue.options.join(", ")}`
      : "is of no known form",
  invalid_key: () => "is not a name that may stand here",
};

/** What is wrong, in words: the schema's own if it says any. */
function word(issue: Issue): string {
  if (issue.message !== "Invalid input") return issue.message;
  const wording = words[issue.code] as ((issue: Issue) => string) | undefined;
  return wording?.(issue) ?? "is not valid";
}
