import { type Account, sentSecrets } from "../../core/accounts/account.ts";
import { openCredential, openProxy } from "../../core/accounts/credential.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { refuseSpent } from "../../core/limits/spent.ts";
import { takePlace } from "../../core/process/load.ts";
import type { Env } from "../../env.ts";
import { Failure, toFailure } from "../../failure.ts";
import { decodeBody } from "../../wire/decode.ts";
import { type Inbound, passOn } from "../../wire/dispatch.ts";
import { type Answer, type Headers, json, type Request } from "../../wire/exchange.ts";
import { hasLimits } from "../../core/limits/meter.ts";
import { withoutAccountLimits } from "../flow/answer-headers.ts";
import { pickHeaders } from "../../wire/headers.ts";
import { anthropicDialect } from "../dialects/anthropic/anthropic.ts";
import type { Call, Dialect, Service } from "../dialects/dialect.ts";
import { geminiDialect, withoutSecrets } from "../dialects/gemini/gemini.ts";
import { openaiDialect } from "../dialects/openai/other.ts";
import { authorize, refuseStranger } from "../flow/authorize.ts";
import { identify } from "../flow/authenticate.ts";
import { admitFree } from "../flow/free-calls.ts";
import { explainNone, rank } from "../flow/select.ts";
import { anthropic } from "../upstreams/anthropic/anthropic.ts";
import { gemini } from "../upstreams/google/gemini.ts";
import { openai, speaking } from "../upstreams/openai/openai.ts";
import { openIds } from "../upstreams/sealed-ids.ts";
import type { Upstream } from "../upstreams/upstream.ts";
import { type Batch, meterOpenaiBatch, meterResults, refuseModels } from "./batches.ts";
import { openUpload, ownAddress, rewriteAnswer, type Scope, sealUpload } from "./rewrite.ts";
import { objectOf, parseJson } from "../../wire/json.ts";

/** A provider that keeps things for its accounts. */
interface Keeper {
  readonly dialect: Dialect;
  readonly upstream: Upstream;
  readonly service: Service;
}

const keepers = {
  anthropic: { dialect: anthropicDialect, upstream: anthropic, service: "claude" },
  openai: { dialect: openaiDialect, upstream: speaking("openai", openai), service: "openai" },
  gemini: { dialect: geminiDialect, upstream: gemini, service: "gemini" },
} as const satisfies Record<string, Keeper>;

const goesUp = [
  ...["accept", "content-type", "content-encoding", "content-range", "range", "user-agent"],
  ...["anthropic-", "openai-beta", "x-stainless-", "x-goog-api-client", "x-goog-upload-"],
];
const comesDown = ["content-disposition", "content-length", "content-range", "last-modified", "x-goog-upload-"];
const addressHeaders = ["x-goog-upload-url", "x-goog-upload-control-url", "location"];

const pattern =
  /^(\/(?:api|claude|openai|gemini))?(\/upload)?(\/v\d\w*)?\/(files|batches|messages\/batches|skills|cachedContents)((?:\/[\w.:%-]+)*)$/;

/** What a path asks for, below the mount. */
interface Place {
  readonly mount: string;
  readonly target: string;
  readonly kind: string;
  /** The segments after the kind; empty where the whole is meant. */
  readonly rest: string;
  readonly keeper: Keeper;
}

function findPlace({ path, query, headers }: Request): Place {
  const [all, mount = "", upload = "", version = "/v1", kind = "", rest = ""] =
    pattern.exec(path.replace(/\/$/, "")) ?? [];
  if (all === undefined || rest.includes("..") || rest.includes("%")) {
    throw new Failure("route.unknown", { message: `There is no ${path} here.` });
  }
  const keeper = keeperOf(mount, `${upload}${version}/${kind}`, headers);
  return { mount, target: `${upload}${version}/${kind}${rest}${withoutSecrets(query)}`, kind, rest, keeper };
}

/** At the root three providers have the same path: Anthropic's programs tell its version, Google's its own form of key. */
function keeperOf(mount: string, path: string, headers: Headers): Keeper {
  if (mount === "/openai") return keepers.openai;
  if (mount === "/gemini" || /^\/upload|\/v1beta|cachedContents/.test(path)) return keepers.gemini;
  if (mount !== "" || /messages|skills/.test(path) || headers["anthropic-version"] !== undefined)
    return keepers.anthropic;
  return headers["x-goog-api-key"] === undefined ? keepers.openai : keepers.gemini;
}

/** Files, batches, skills and cached contents of one key: made at an account that the key may use, and then only there. */
export async function serveStored(request: Request, env: Env): Promise<Answer> {
  let dialect: Dialect = keepers.openai.dialect;
  try {
    const place = findPlace(request);
    ({ dialect } = place.keeper);
    const { key, pool } = await identify(dialect.secret(request), request.ip, env);
    refuseStranger(key, dialect.claims(request.headers));
    admitFree(key, env);
    const room = takePlace(key, true, env);
    try {
      return await serveAt({ request, place, key, pool, call: await readStored(request, place, key, room, env) }, env);
    } finally {
      room.leave();
    }
  } catch (error) {
    return dialect.refuse(toFailure(error), request);
  }
}

interface Asked {
  readonly request: Request;
  readonly place: Place;
  readonly key: ApiKey;
  readonly pool: Pool;
  readonly call: Call;
}

async function readStored(
  request: Request,
  { keeper, kind, target, rest }: Place,
  key: ApiKey,
  room: ReturnType<typeof takePlace>,
  env: Env,
): Promise<Call> {
  if (rest === "" && (request.method === "GET" || request.method === "HEAD")) {
    throw new Failure("request.unsupported", {
      message: `This relay keeps no list of ${kind}: its accounts are shared, and their lists would show what others keep. Use the ids that it gave you.`,
    });
  }
  const hasBody = request.method !== "GET" && request.method !== "HEAD";
  const limitBytes = env.config.REQUEST_MAX_SIZE_MB * 1024 * 1024;
  const body = hasBody ? await request.body(limitBytes, { room }) : Buffer.alloc(0);
  const plain = await decodeBody(body, request.headers["content-encoding"], { limitBytes });
  const call: Call = {
    ...{ dialect: keeper.dialect.name, service: keeper.service, operation: kind, isMetered: false, target },
    // All of a key is kept by the same account as long as that serves, so that a request may name several of its files.
    ...{ model: undefined, isStream: false, session: "kept", client: keeper.dialect.claims(request.headers) },
    ...{ maxOutputTokens: undefined, method: request.method, headers: pickHeaders(request.headers, goesUp) },
    ...{ body, plain, rules: [] },
  };
  authorize(key, call);
  if (request.method === "POST" && rest === "" && /batches/.test(kind)) {
    await refuseSpent(key, env);
    refuseModels(key, call);
  }
  return call;
}

async function serveAt(asked: Asked, env: Env): Promise<Answer> {
  const { request, place, key, pool } = asked;
  const { upstream } = place.keeper;
  const upload = place.kind === "files" ? openUpload(request.query, key, env) : undefined;
  const call = upload ? { ...asked.call, account: upload.account } : openIds(asked.call, { keyId: key.id, pool }, env);
  const isNamed = place.rest === "" || call.target !== asked.call.target;
  if (!isNamed) {
    throw new Failure("record.unknown", { message: "This relay gave no such id: use the one that it answered with." });
  }
  const places = { upstreams: { [upstream.kind]: upstream }, bridges: [] };
  const now = env.now();
  const { candidates, passedOver } = rank(call, key, pool, places, { now, zone: env.config });
  // Other vendors with the same language keep no files.
  const account = candidates.find(({ baseUrl }) => baseUrl === undefined) ?? candidates[0];
  if (!account) throw explainNone(call, passedOver, now);
  const scope: Scope = { key, account: account.id, base: `${ownAddress(request, env)}${place.mount}` };
  const { inbound, secrets } = await ask(account, upstream, call, upload?.id ?? upstream.address(account, call), env);
  const id = /\/batches\/([\w-]+)/.exec(call.target)?.[1] ?? "";
  const batch: Batch = { key, pool, call, account: account.id, id, requestId: request.id, ip: request.ip };
  const headers = answerHeaders(inbound, place.keeper.dialect, scope, env);
  if (inbound.status < 400 && call.operation === "messages/batches" && /\/results(\?|$)/.test(call.target)) {
    return { status: inbound.status, headers, body: passOn(meterResults(inbound.body, batch, env), request.signal) };
  }
  const isJson = /\bjson\b/.test(inbound.headers["content-type"] ?? "") && !/\/content|:download/.test(call.target);
  if (!isJson && inbound.status < 400)
    return { status: inbound.status, headers, body: passOn(inbound.body, request.signal) };
  return answerJson({ inbound, headers, secrets, scope, batch }, env);
}

async function ask(account: Account, upstream: Upstream, call: Call, url: string, env: Env) {
  const credential = openCredential(account, env);
  if (!credential) throw new Failure("credential.rejected", { message: "The account has no credential yet." });
  const proxy = openProxy(account, env);
  const inbound = await env.dispatch({
    method: call.method,
    url,
    headers: await upstream.sign({ ...call.headers, "accept-encoding": "identity" }, credential, call, account),
    ...(call.method === "GET" ? {} : { body: call.body }),
    ...(proxy === undefined ? {} : { proxy }),
    headTimeoutMs: env.config.REQUEST_TIMEOUT,
    silenceTimeoutMs: env.config.REQUEST_TIMEOUT,
  });
  if (inbound.status !== 401) return { inbound, secrets: sentSecrets(credential) };
  inbound.body.cancel();
  throw new Failure("credential.rejected", { message: "The account that serves this is refused by its provider." });
}

function answerHeaders({ headers, status }: Inbound, dialect: Dialect, scope: Scope, env: Env): Headers {
  const kept = pickHeaders(headers, [...dialect.passes, ...comesDown]);
  if (hasLimits(scope.key)) withoutAccountLimits(kept);
  for (const name of addressHeaders) {
    const address = headers[name];
    delete kept[name];
    if (address !== undefined && name !== "location" && status < 400) kept[name] = sealUpload(address, scope, env);
  }
  return kept;
}

interface Reply {
  readonly inbound: Inbound;
  readonly headers: Headers;
  readonly secrets: readonly string[];
  readonly scope: Scope;
  readonly batch: Batch;
}

async function answerJson({ inbound, headers, secrets, scope, batch }: Reply, env: Env): Promise<Answer> {
  const parts: Uint8Array[] = [];
  for (let part = await inbound.body.read(); part; part = await inbound.body.read()) parts.push(part);
  let text = Buffer.concat(parts).toString("utf8");
  for (const secret of secrets) if (secret !== "") text = text.replaceAll(secret, "…");
  const value = parseJson(text);
  const { "content-length": _length, ...rest } = headers;
  if (value === undefined) return { status: inbound.status, headers: rest, body: text };
  if (inbound.status < 400 && batch.call.operation === "batches" && batch.id !== "") {
    await meterOpenaiBatch(objectOf(value), batch, env);
  }
  return json(inbound.status, rewriteAnswer(value, scope, env), rest);
}
