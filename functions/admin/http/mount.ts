import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Env } from "../../env.ts";
import { Failure, toFailure } from "../../failure.ts";
import type { Session } from "../../core/people/session.ts";
import { findSession, isCsrfToken } from "../../core/people/session.ts";
import type { Answer, Request } from "../../wire/exchange.ts";
import { json } from "../../wire/exchange.ts";
import { readCookie, sessionCookie } from "./cookies.ts";
import { refuse } from "./invalid.ts";
import type { Operation } from "./operation.ts";
import { parse, parseBody, parseQuery } from "./parse.ts";
import { findView, runOnRecord } from "./audited.ts";

/**
 * The one guard of the admin API, mounted over an endpoint's operations. Closed by default: whatever is not an operation
 * marked public needs a session, paths that do not exist too, and only then is anything of the request read.
 */
export function mount(operations: readonly Operation[]): (request: Request, env: Env) => Promise<Answer> {
  const routes = operations.map((operation) => ({
    operation,
    view: findView(operation, operations),
    pattern: patternOf(operation.path),
  }));
  return async (request, env) => {
    const startedAt = env.now();
    const found = find(routes, request);
    const call = { operation: found?.operation.id ?? "unknown", username: undefined as string | undefined };
    const answer = await serve(found, request, call, env).catch((error: unknown) =>
      refuseAndTell(error, request, call, env),
    );
    const level = safe.has(request.method) && answer.status < 400 ? "debug" : "info";
    env.log(level, "admin", {
      request: request.id,
      ...call,
      status: answer.status,
      ms: env.now() - startedAt,
      ip: request.ip,
    });
    return compress({ ...answer, headers: { ...answer.headers, "x-content-type-options": "nosniff" } }, request);
  };
}

const gzipped = promisify(gzip);
const leastBytes = 1_024;
const takesGzip = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/;

/** A list of keys shrinks to a tenth. What has a session's token in it stays as it is, and what is still to be made CSV. */
async function compress(answer: Answer, { headers, path }: Request): Promise<Answer> {
  const { body } = answer;
  const isWanted = takesGzip.test(headers["accept-encoding"] ?? "") && !(headers.accept ?? "").includes("text/csv");
  if (typeof body !== "string" || body.length < leastBytes || !isWanted || path.startsWith("/admin/session"))
    return answer;
  const encoded = { "content-encoding": "gzip", vary: "accept-encoding" };
  return { ...answer, headers: { ...answer.headers, ...encoded }, body: await gzipped(body) };
}

interface Route {
  readonly operation: Operation;
  /** Tells the audit log what stood before and after. */
  readonly view: Operation | undefined;
  readonly pattern: RegExp;
}

interface Found {
  readonly operation: Operation;
  readonly view: Operation | undefined;
  readonly params: Record<string, string>;
  /** The path is an operation's, but not with this method. */
  readonly isOtherMethod: boolean;
}

async function serve(
  found: Found | undefined,
  request: Request,
  call: { username: string | undefined },
  env: Env,
): Promise<Answer> {
  const operation = found?.isOtherMethod === false ? found.operation : undefined;
  const session = operation?.isPublic ? undefined : await admit(request, env);
  call.username = session?.username;
  if (!found || !operation) {
    throw new Failure(found ? "method.unknown" : "route.unknown", {
      message: `There is no ${request.method} ${request.path}.`,
    });
  }
  const cookies: string[] = [];
  const given = {
    params: operation.params ? parse(operation.params, found.params, "The path") : undefined,
    query: parseQuery(request, operation.query),
    body: await readBody(request, operation),
    session,
    request,
    setCookie: (cookie: string) => void cookies.push(cookie),
  };
  const value = await runOnRecord(operation, found.view, given, env);
  const answer = operation.answer
    ? json(operation.status ?? 200, value)
    : { status: 204, headers: { "cache-control": "no-store" }, body: "" };
  return cookies.length > 0 ? { ...answer, cookies } : answer;
}

/** Anybody may send a body to an operation that needs no session, so it is short and must come soon. */
const publicBody = { bytes: 8 * 1024, terms: { mostMs: 10_000 } };

function readBody(request: Request, { body, isPublic, bodyLimitBytes }: Operation): Promise<unknown> {
  return isPublic
    ? parseBody(request, body, publicBody.bytes, publicBody.terms)
    : parseBody(request, body, bodyLimitBytes);
}

const safe = new Set(["GET", "HEAD"]);

/** Lets a caller through who shows a session: a bearer, or the cookie together with its CSRF token on every change. */
async function admit(request: Request, env: Env): Promise<Session> {
  // A proxy in front may have a password of its own: the browser then sends `Basic …` with every request.
  const bearer = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (bearer !== undefined) return findSession(bearer, "bearer", env);
  const cookie = readCookie(sessionCookie, request);
  if (cookie === undefined) throw new Failure("session.missing", { message: "Sign in first: there is no session." });
  const session = await findSession(cookie, "cookie", env);
  if (!safe.has(request.method) && !isCsrfToken(request.headers["x-csrf-token"], session, env)) {
    throw new Failure("session.csrf", {
      message: "The header x-csrf-token is missing or wrong; GET /admin/session tells it.",
    });
  }
  return session;
}

function refuseAndTell(error: unknown, request: Request, call: { operation: string }, env: Env): Answer {
  const failure = toFailure(error);
  if (failure.status >= 500)
    env.log("error", "admin.failed", { request: request.id, ...call, code: failure.code, error: failure });
  return refuse(failure);
}

function find(routes: readonly Route[], request: Request): Found | undefined {
  let other: Found | undefined;
  // HEAD asks what GET would answer, without the body (RFC 9110 § 9.3.2): the runtime leaves that out.
  const method = request.method === "HEAD" ? "GET" : request.method;
  for (const { operation, view, pattern } of routes) {
    const params = pattern.exec(request.path)?.groups;
    if (params === undefined) continue;
    const found = { operation, view, params: decode(params), isOtherMethod: operation.method !== method };
    if (!found.isOtherMethod) return found;
    other ??= found;
  }
  return other;
}

/** `/admin/keys/:id` as an expression; an empty group keeps `groups` defined for paths without parameters. */
function patternOf(path: string): RegExp {
  return new RegExp(`^(?<all>)${path.replace(/[.]/g, "\\.").replace(/:(\w+)/g, "(?<$1>[^/]+)")}/?$`);
}

function decode(groups: Record<string, string>): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(groups)) if (name !== "all") params[name] = decodeSegment(value);
  return params;
}

/** What is no valid percent-encoding stays as it is, and is no id either. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return segment;
    throw error;
  }
}
