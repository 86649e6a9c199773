import type { Headers } from "../../wire/exchange.ts";
import { isObject, type JsonObject, parseJson } from "../../wire/json.ts";

/** What a provider says of a call that it refuses, each part read from its own place and never searched for in text. */
export interface ProviderError {
  /**
   * The provider's own names for what went wrong, in lower case: Anthropic's `error.type`, OpenAI's `error.code` and
   * `error.type`, Google's `error.status` and `details[].reason`, AWS's `x-amzn-errortype`.
   */
  readonly codes: readonly string[];
  /** The most telling of them, as it was written; for display. */
  readonly type: string | undefined;
  /** As it came: it may say the caller's words and the account's credential back. */
  readonly message: string;
  /** The error object itself, for figures such as `resets_at`. */
  readonly fields: JsonObject;
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** From an error's body. What is no JSON is all message. */
export function readErrorBody(body: string, headers: Headers): ProviderError {
  const value = parseJson(body);
  // Google's older services answer a list of one error.
  const outer: unknown = Array.isArray(value) ? value[0] : value;
  const amazon = headers["x-amzn-errortype"]?.split(":", 1)[0];
  if (!isObject(outer)) return build({}, amazon, typeof outer === "string" ? outer : body.trim());
  const inner = isObject(outer.error) && isObject(outer.error.error) ? outer.error.error : outer.error;
  const fields = isObject(inner) ? { ...namesOf(outer), ...inner } : outer;
  return build(fields, amazon, messageOf(fields) ?? messageOf(outer) ?? "");
}

/** From the error object of an event inside a 200. */
export function readErrorFields(fields: JsonObject): ProviderError {
  return build(fields, undefined, messageOf(fields) ?? "");
}

/** Vendors put the code beside the error instead of into it. */
function namesOf({ code, __type }: JsonObject): JsonObject {
  return { ...(textOf(code) ? { code } : {}), ...(textOf(__type) ? { __type } : {}) };
}

function build(fields: JsonObject, amazon: string | undefined, message: string): ProviderError {
  const reasons = detailsOf(fields).map(({ reason }) => reason);
  const kind = fields.type === "error" ? undefined : fields.type;
  const amazonType = textOf(fields.__type)?.replace(/^.*#/, "");
  const named = [...reasons, fields.code, kind, fields.status, amazon, amazonType].map((name) =>
    typeof name === "number" ? String(name) : textOf(name),
  );
  const names = named.filter((name) => name !== undefined);
  // A bare number tells what the status tells.
  const type = names.find((name) => !/^\d+$/.test(name)) ?? names[0];
  return { codes: names.map((name) => name.toLowerCase()), type, message, fields };
}

/** Google's details (google.aip.dev/193), which some clouds put into an error that is reworded. */
export function detailsOf({ details }: JsonObject): JsonObject[] {
  return Array.isArray(details) ? (details as unknown[]).filter(isObject) : [];
}

/** FastAPI's servers list what they found wrong (`detail: [{ msg }]`). */
function messageOf(fields: JsonObject): string | undefined {
  const { detail } = fields;
  const first = Array.isArray(detail) ? (detail as unknown[])[0] : undefined;
  const texts = [fields.message, fields.Message, fields.error, detail, isObject(first) ? first.msg : first, fields.msg];
  return texts.map(textOf).find((text) => text !== undefined) ?? textOf(fields.error_description);
}
