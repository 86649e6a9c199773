import type { Call, Dialect, UsageReader } from "../dialects/dialect.ts";
import type { Env } from "../../env.ts";
import { toFailure } from "../../failure.ts";
import type { Account, Credential } from "../../core/accounts/account.ts";
import { resolveAlias } from "../../core/keys/aliases.ts";
import { openProxy } from "../../core/accounts/credential.ts";
import { rewriteModel } from "../upstreams/rewrite.ts";
import type { Served } from "../upstreams/served.ts";
import type { Upstream } from "../upstreams/upstream.ts";
import type { Inbound } from "../../wire/dispatch.ts";
import type { HangUp } from "../../wire/exchange.ts";
import type { Bridge } from "../bridges/pairs/bridge.ts";
import { cross, sift } from "../bridges/pairs/cross.ts";

const mostErrorBytes = 64 * 1024;
const mostPeekedBytes = 256 * 1024;

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
  leave(): void;
}

/** What came back, in the upstream's own words: to be judged, and then to go to the client over the bridge, if there is one. */
export interface Sent {
  readonly served: Served;
  /** The call as it was sent: in the upstream's language, with its model. */
  readonly call: Call;
  /** The same answer as the client is to see it. */
  toClient(served: Served): Served;
}

/** Sends one call to one account and reads as much of the answer as it takes to judge it: the first event, or the error. */
export async function send(parcel: Parcel, env: Env): Promise<Sent> {
  const { account, upstream, credential, bridge } = parcel;
  const aliased = bridge
    ? bridge.request(nameModel(parcel.call, account))
    : rewriteModel(parcel.call, { ...account, of: "account" });
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
    headTimeoutMs: env.config.REQUEST_TIMEOUT,
    silenceTimeoutMs: env.config.REQUEST_TIMEOUT,
  });
  const headAt = env.now();
  const inbound = upstream.receive ? await upstream.receive(raw, call) : raw;
  const reader = (bridge?.to ?? parcel.dialect).usage(call);
  const seen = inbound.status >= 400 ? await readError(inbound) : await peek(inbound, reader, call.isStream);
  const served: Served = {
    account,
    upstream,
    inbound,
    rules: call.rules,
    model: call.model,
    leave: parcel.leave,
    startedAt: parcel.startedAt,
    headAt,
    firstAt: env.now(),
    reader,
    peeked: seen.chunks,
    hasMore: seen.hasMore,
  };
  const toClient = (answer: Served) =>
    bridge ? cross(answer, bridge.response(parcel.call)) : sift(answer, parcel.dialect.hide?.(call));
  return { served, call, toClient };
}

/** A bridge writes the body anew, and by the model that is to answer: the alias is told to it, not written into the body. */
function nameModel(call: Call, account: Account): Call {
  const model = call.model === undefined ? undefined : resolveAlias(call.model, account.aliases);
  if (model === call.model) return call;
  return { ...call, model, rules: [...call.rules, `model ${call.model} → ${model} (alias of the account)`] };
}

interface Seen {
  readonly chunks: readonly Uint8Array[];
  readonly hasMore: boolean;
}

async function readError(inbound: Inbound): Promise<Seen> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (let chunk = await inbound.body.read(); chunk; chunk = await inbound.body.read()) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > mostErrorBytes) return { chunks, hasMore: true };
    }
  } catch (error) {
    // The status says enough to judge by; only a client that is gone wants no judgement.
    if (toFailure(error).code === "client.gone") throw error;
  }
  return { chunks, hasMore: false };
}

/** Reads until the first event is whole (streams) or the first bytes are there, so that a failure before them can go elsewhere. */
async function peek(inbound: Inbound, reader: UsageReader, isStream: boolean): Promise<Seen> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const encoding = inbound.headers["content-encoding"];
  const isPlain = encoding === undefined || encoding === "identity";
  for (;;) {
    const chunk = await inbound.body.read();
    if (!chunk) return { chunks, hasMore: false };
    chunks.push(chunk);
    size += chunk.length;
    if (!isPlain) return { chunks, hasMore: true };
    reader.see(chunk);
    if (!isStream || reader.hasEvent() || reader.error() || size > mostPeekedBytes) return { chunks, hasMore: true };
  }
}
