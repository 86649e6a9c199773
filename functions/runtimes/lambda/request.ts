import { isIP } from "node:net";
import { cleanPath } from "../target-path.ts";
import type { LambdaFunctionURLEvent } from "aws-lambda";
import type { Config } from "../../config.ts";
import { Failure } from "../../failure.ts";
import type { Headers, Request } from "../../wire/exchange.ts";

/** What AWS takes in one invocation (Lambda quotas): the whole event, in which a body that is not text grows by a third. */
const mostBodyBytes = 6 * 1024 * 1024;

/** The viewer's address, as the router's function wrote it over whatever the viewer sent. */
export const viewerHeader = "x-relay-viewer";

/**
 * A Function URL's event (payload format 2.0) as the house sees it. A hang-up cannot be seen on Lambda; `signal` is the
 * caller's, who fires it when the function's time runs out.
 */
export function receiveEvent(event: LambdaFunctionURLEvent, config: Config, signal: AbortSignal): Request {
  const headers = headersOf(event);
  return {
    id: event.requestContext.requestId,
    method: event.requestContext.http.method,
    path: cleanPath(event.rawPath),
    query: event.rawQueryString,
    params: {},
    headers,
    ip: config.ORIGIN_SECRET ? viewerAddress(event) : event.requestContext.http.sourceIp,
    signal,
    body: (limitBytes) => readBody(event, limitBytes),
  };
}

/**
 * `accept-encoding` stays behind: an answer that came compressed from an upstream would go through a Function URL with a
 * `content-encoding` that clients then stumble over.
 */
function headersOf(event: LambdaFunctionURLEvent): Headers {
  const headers: Headers = {};
  for (const [name, value] of Object.entries(event.headers)) {
    if (value !== undefined && name.toLowerCase() !== "accept-encoding") headers[name.toLowerCase()] = value;
  }
  if (event.cookies?.length) headers.cookie = event.cookies.join("; ");
  return headers;
}

/**
 * Behind the router (only its requests carry the origin's secret) the caller is who the router says it is. `x-forwarded-for`
 * tells nothing: a Function URL hands over its left-most entry alone, which the caller may have written.
 */
function viewerAddress({ headers, requestContext }: LambdaFunctionURLEvent): string {
  const viewer = headers[viewerHeader] ?? "";
  return isIP(viewer) === 0 ? requestContext.http.sourceIp : viewer;
}

/** Throws `request.too-large`; AWS itself refuses what would not fit into an event at all, before any of our code runs. */
async function readBody({ body = "", isBase64Encoded }: LambdaFunctionURLEvent, limitBytes: number): Promise<Buffer> {
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  const limit = Math.min(limitBytes, mostBodyBytes);
  if (bytes.length <= limit) return bytes;
  const megabytes = Math.round((limit / 1024 / 1024) * 1000) / 1000;
  const why = limit === mostBodyBytes ? ", which is all that AWS Lambda takes" : "";
  throw new Failure("request.too-large", { message: `The request body is larger than ${megabytes} MB${why}.` });
}
