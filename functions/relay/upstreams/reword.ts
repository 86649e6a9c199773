import { pullBody, type Body, type Inbound } from "../../wire/dispatch.ts";
import { isObject, type JsonObject, objectOf, parseJson } from "../../wire/json.ts";

const mostBytes = 16 * 1024 * 1024;

/** A whole body, as far as 16 MB. */
export async function readWhole(body: Body): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let part = await body.read(); part; part = await body.read()) {
    parts.push(part);
    size += part.length;
    if (size > mostBytes) {
      body.cancel();
      break;
    }
  }
  return Buffer.concat(parts);
}

/** An answer with another body, known as a whole. */
export function withBody(inbound: Inbound, bytes: Uint8Array): Inbound {
  const { "content-length": _length, ...headers } = inbound.headers;
  let left: Uint8Array | undefined = bytes;
  const read = () => {
    const chunk = left;
    left = undefined;
    return Promise.resolve(chunk);
  };
  const body = pullBody(read, () => (left = undefined));
  return { status: inbound.status, headers: { ...headers, "content-type": "application/json" }, body };
}

const typeOfStatus: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  408: "timeout_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
  504: "timeout_error",
  529: "overloaded_error",
};

export function errorType(status: number): string {
  return typeOfStatus[status] ?? "api_error";
}

/**
 * A cloud's own error said as Anthropic's API says errors, in the cloud's words, so that Anthropic's clients can read it.
 * What a judge looks at (Google's details) stays in it. An error that is said so already is left as it is.
 */
export async function rewordError(inbound: Inbound): Promise<Inbound> {
  const bytes = await readWhole(inbound.body);
  const said = parse(bytes);
  if (said.type === "error") return withBody(inbound, bytes);
  const error = isObject(said.error) ? said.error : said;
  const words = [error.message, error.Message].find((value) => typeof value === "string");
  const message = words ?? (bytes.toString("utf8").slice(0, 500) || `status ${inbound.status}`);
  const details = error.details === undefined ? {} : { details: error.details };
  const body = { type: "error", error: { type: errorType(inbound.status), message, ...details } };
  return withBody(inbound, Buffer.from(JSON.stringify(body)));
}

/** Google's older services answer a list of one error. */
function parse(bytes: Buffer): JsonObject {
  const value = parseJson(bytes.toString("utf8"));
  return objectOf(Array.isArray(value) ? value[0] : value);
}
