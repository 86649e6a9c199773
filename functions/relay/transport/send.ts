import { unpackAnswer } from "../../wire/decode.ts";
import type { Call, Dialect, UsageReader } from "../dialects/dialect.ts";
import type { Env } from "../../env.ts";
import { type Account, type Credential, sentSecrets } from "../../core/accounts/account.ts";
import { resolveAlias } from "../../core/keys/aliases.ts";
import { openProxy } from "../../core/accounts/credential.ts";
import { readErrorBody, readErrorFields, type ProviderError } from "../upstreams/provider-error.ts";
import { rewriteModel } from "../upstreams/rewrite.ts";
import { spliceFields } from "../upstreams/splice.ts";
import type { Explanation, Served } from "../upstreams/served.ts";
import type { Upstream } from "../upstreams/upstream.ts";
import type { Inbound } from "../../wire/dispatch.ts";
import type { HangUp } from "../../wire/exchange.ts";
import { quote, quoteName, SecretFilter } from "../../wire/redact.ts";
import type { Bridge } from "../bridges/bridge.ts";
import { dropForeignSeals } from "../bridges/foreign-seals.ts";
import { cross, sift } from "./cross.ts";
import { peek, readError } from "./peek.ts";

export interface Parcel {
  readonly call: Call;
  /** The client's language; the bridge is there if the account speaks another. */
  readonly dialect: Dialect;
  readonly bridge: Bridge | undefined;
  readonly account: Account;
  readonly upstream: Upstream;
  readonly credential: Credential;
  readonly signal: HangUp;
  /** When this account was turned to. */
  readonly startedAt: number;
  /** The request goes out. */
  onSent(): void;
  leave(): void;
}

/** What came back, in the upstream's own words: to be judged, and then to go to the client over the bridge, if there is one. */
export interface Sent {
  readonly served: Served;
  /** The call as it was sent: in the upstream's language, with its model. */
  readonly call: Call;
  /** The error that it is, or that it holds though its status is 200; undefined: it has begun well. */
  readonly error: { readonly status: number; readonly said: ProviderError } | undefined;
  /** It ended without any content. */
  readonly isEmpty: boolean;
  /** The same answer as the client is to see it. */
  toClient(served: Served): Served;
}

/** Sends one call to one account and reads as much of the answer as it takes to judge it: the first event, or the error. */
export async function send(parcel: Parcel, env: Env): Promise<Sent> {
  const { account, upstream, credential, bridge } = parcel;
  const asked = withoutRouting(parcel.call);
  const crossed = await bridge?.cross(nameModel(asked, account), parcel.call.model ?? "");
  const aliased = crossed?.call ?? dropForeignSeals(rewriteModel(asked, { ...account, of: "account" }));
  const call = upstream.prepare?.(aliased, account, credential) ?? aliased;
  const proxy = openProxy(account, env);
  const signed = upstream.sign({ ...call.headers, "accept-encoding": "identity" }, credential, call, account);
  const raw = await env.dispatch({
    method: call.method,
    url: upstream.address(account, call),
    headers: signed instanceof Promise ? await signed : signed,
    ...(call.method === "GET" ? {} : { body: call.body }),
    ...(proxy === undefined ? {} : { proxy }),
    signal: parcel.signal,
    onSent: parcel.onSent,
    headTimeoutMs: env.config.REQUEST_TIMEOUT,
    silenceTimeoutMs: env.config.REQUEST_TIMEOUT,
  });
  const headAt = env.now();
  const plain = unpackAnswer(raw);
  const inbound = upstream.receive ? await upstream.receive(plain, call) : plain;
  const spoken = crossed?.dialect ?? parcel.dialect;
  const reader = spoken.usage(call);
  const isError = inbound.status >= 400;
  const seen = isError ? await readError(inbound) : await peek(inbound, reader, spoken, call.isStream);
  const said = isError ? readErrorBody(Buffer.concat(seen.chunks).toString("utf8"), inbound.headers) : undefined;
  const secrets = sentSecrets(credential);
  const served: Served = {
    account,
    upstream,
    inbound: { status: inbound.status, headers: withoutSecrets(inbound.headers, secrets), body: seen.body },
    rules: call.rules,
    model: call.model,
    leave: parcel.leave,
    explain: () => explain(inbound, said ?? saidBy(reader), secrets),
    filter: new SecretFilter(secrets),
    startedAt: parcel.startedAt,
    headAt,
    firstAt: env.now(),
    reader,
    isRefusal: isError || reader.error() !== undefined,
    peeked: seen.chunks,
    hasMore: seen.hasMore,
  };
  const reword = isError && !crossed ? await loadRewording(parcel.dialect) : undefined;
  const toClient = (answer: Served) =>
    crossed ? cross(answer, crossed.answer()) : sift(reword?.(answer) ?? answer, parcel.dialect.hide?.(call));
  return { served, call, error: errorOf(inbound.status, said, reader), isEmpty: seen.isEmpty, toClient };
}

/**
 * Puts an error that the client's own programs could not read, or act on, into their words. Loaded with the first error, so that
 * a function's start does without.
 */
async function loadRewording({ name }: Dialect): Promise<(answer: Served) => Served> {
  const { rewordNativeError } = await import("../bridges/native-error.ts");
  return (answer) => {
    const { "content-length": _length, ...headers } = answer.inbound.headers;
    const body = rewordNativeError(name, answer.inbound.status, Buffer.concat(answer.peeked));
    if (!body) return answer;
    if (answer.hasMore) answer.inbound.body.cancel();
    const inbound = { ...answer.inbound, headers: { ...headers, "content-type": "application/json" } };
    const rules = [...answer.rules, "the error is said in the form of the client's language"];
    return { ...answer, inbound, rules, peeked: [body], hasMore: false };
  };
}

function saidBy(reader: UsageReader): ProviderError | undefined {
  const error = reader.error();
  return error && readErrorFields(error.fields ?? { type: error.type, message: error.message });
}

function errorOf(status: number, said: ProviderError | undefined, reader: UsageReader): Sent["error"] {
  if (said) return { status, said };
  const inside = saidBy(reader);
  return inside && { status: reader.error()?.status ?? status, said: inside };
}

/** Where providers tell their own id of a call: Anthropic, OpenAI, AWS, Azure. */
const requestIdHeaders = ["request-id", "x-request-id", "x-amzn-requestid", "apim-request-id"];

function explain(
  { status, headers }: Pick<Inbound, "status" | "headers">,
  said: ProviderError | undefined,
  secrets: readonly string[],
): Explanation {
  const ids = requestIdHeaders.map((name) => headers[name]).filter((id) => id !== undefined);
  return {
    message: quote(said?.message ?? "", secrets) || `status ${status}`,
    type: quoteName(said?.type, secrets),
    requestId: quoteName(ids[0], secrets),
  };
}

function withoutSecrets(headers: Inbound["headers"], secrets: readonly string[]): Inbound["headers"] {
  const isLeaking = (value: string) => secrets.some((secret) => secret !== "" && value.includes(secret));
  if (!Object.values(headers).some(isLeaking)) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => !isLeaking(value)));
}

/** Only the model's name says what a call is answered by. */
function withoutRouting(call: Call): Call {
  const { routing } = call;
  if (!routing) return call;
  const spliced = spliceFields(call, Object.fromEntries(routing.map((name) => [name, undefined])));
  const rule = `${routing.join(", ")} taken out: what answers a call is its model`;
  return { ...spliced, routing: undefined, rules: [...spliced.rules, rule] };
}

/** A bridge writes the body anew, and by the model that is to answer: the alias is told to it, not written into the body. */
function nameModel(call: Call, account: Account): Call {
  const model = call.model === undefined ? undefined : resolveAlias(call.model, account.aliases);
  if (model === call.model) return call;
  return { ...call, model, rules: [...call.rules, `model ${call.model} → ${model} (alias of the account)`] };
}
