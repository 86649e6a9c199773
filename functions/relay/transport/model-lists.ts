import type { Call } from "../dialects/dialect.ts";
import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import { type Account, type Credential, sentSecrets } from "../../core/accounts/account.ts";
import { openCredential, openProxy, renewCredential } from "../../core/accounts/credential.ts";
import type { Upstream } from "../upstreams/upstream.ts";
import type { Body } from "../../wire/dispatch.ts";
import type { Headers } from "../../wire/exchange.ts";

const timeoutMs = 20_000;
const mostBytes = 8 * 1024 * 1024;
const mostModels = 2_000;

/** A model as its provider lists it. */
export type ModelEntry = Readonly<Record<string, unknown>>;

/** What a provider answered a call of the relay's own. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** What the call was signed with, and what of it went up. */
  readonly credential: Credential;
  readonly secrets: readonly string[];
}

/**
 * Asks an account's provider for its list of models: a true call with the true credential and proxy that spends no tokens.
 * `headers`: a client's own, for accounts that serve one program only.
 */
export async function askModels(account: Account, upstream: Upstream, env: Env, headers: Headers = {}): Promise<Reply> {
  const credential = await freshCredential(account, upstream, env);
  const listing = buildCall(upstream, headers);
  // A place with a list of its own may want it prepared as a call is, such as with the account's project.
  const call = (upstream.listing && upstream.prepare?.(listing, account, credential)) ?? listing;
  return ask(account, upstream, { call, credential }, env);
}

/** Where an empty request can be sent: its credential is looked at before its missing fields, and nothing is spent. */
const emptyTargets: Readonly<Record<string, string>> = {
  anthropic: "/v1/messages",
  openai: "/v1/chat/completions",
};

/** Sends a request without any field. Undefined for places that have none that could be sent. */
export async function askNothing(account: Account, upstream: Upstream, env: Env): Promise<Reply | undefined> {
  const target = emptyTargets[upstream.kind];
  return target === undefined ? undefined : askEmpty(account, upstream, target, env);
}

/** Sends a request without any field to one target: what has no such target answers 404 or 405. */
export async function askEmpty(account: Account, upstream: Upstream, target: string, env: Env): Promise<Reply> {
  const credential = await freshCredential(account, upstream, env);
  const plain = buildCall(upstream, { "content-type": "application/json" });
  const call: Call = { ...plain, operation: "probe", method: "POST", target, body: Buffer.from("{}") };
  return ask(account, upstream, { call, credential }, env);
}

async function ask(
  account: Account,
  upstream: Upstream,
  { call, credential }: { call: Call; credential: Credential },
  env: Env,
): Promise<Reply> {
  const proxy = openProxy(account, env);
  const raw = await env.dispatch({
    method: call.method,
    url: upstream.address(account, call),
    headers: await upstream.sign(call.headers, credential, call, account),
    headTimeoutMs: timeoutMs,
    silenceTimeoutMs: timeoutMs,
    ...(call.method === "GET" ? {} : { body: call.body }),
    ...(proxy === undefined ? {} : { proxy }),
  });
  const inbound = upstream.receive ? await upstream.receive(raw, call) : raw;
  const text = await readText(inbound.body);
  return { status: inbound.status, headers: inbound.headers, text, credential, secrets: sentSecrets(credential) };
}

/** What the account signs with, renewed first if it has ended: an idle account is no broken one. */
async function freshCredential(account: Account, upstream: Upstream, env: Env): Promise<Credential> {
  const held = openCredential(account, env);
  if (!held) throw new Failure("credential.rejected", { message: "The account has no credential yet." });
  const { refresh } = upstream;
  const hasEnded =
    held.kind === "oauth" && held.refreshToken !== undefined && (held.expiresAt ?? Infinity) - env.now() < 60_000;
  if (!hasEnded || !refresh) return held;
  const proxy = openProxy(account, env);
  return renewCredential(account, (stale) => refresh(stale, account, proxy, env), env);
}

/** Headers that a provider's list wants beside the credential. */
const wanted: Readonly<Record<string, Headers>> = { claude: { "anthropic-version": "2023-06-01" } };

function buildCall(upstream: Upstream, headers: Headers): Call {
  const { dialect, service, listing } = upstream;
  return {
    ...{ dialect, service, operation: "models", isMetered: false, isStream: false },
    ...{ model: undefined, session: undefined, client: undefined, maxOutputTokens: undefined },
    method: listing?.method ?? "GET",
    target: listing?.target ?? "/v1/models?limit=1000",
    headers: {
      ...wanted[service],
      ...headers,
      ...{ accept: "application/json", "accept-encoding": "identity" },
      ...(listing?.body === undefined ? {} : { "content-type": "application/json" }),
    },
    body: Buffer.from(listing?.body ?? ""),
    rules: [],
  };
}

/** The answer as text: a model list is far below the bound, and nobody's endless answer fills the memory. */
async function readText(body: Body): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (let part = await body.read(); part; part = await body.read()) {
    parts.push(part);
    bytes += part.length;
    if (bytes > mostBytes) {
      body.cancel();
      throw new Failure("upstream.refused", { message: `The provider's answer is larger than ${mostBytes} bytes.` });
    }
  }
  return Buffer.concat(parts).toString("utf8");
}

/** Under which name each provider lists its models, and how it names one: OpenAI and Anthropic, Gemini, Vertex AI, Bedrock, Code Assist. */
const lists: Readonly<Record<string, string>> = {
  data: "id",
  models: "name",
  publisherModels: "name",
  modelSummaries: "modelId",
  buckets: "modelId",
};

/** A list's entries by model name, as calls name it; undefined for what is no list of models. */
export function readModels(answer: unknown, upstream: Upstream): Map<string, ModelEntry> | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const found = Object.entries(lists).find(([list]) => Array.isArray((answer as ModelEntry)[list]));
  if (!found) return undefined;
  const [list, name] = found;
  const byName = new Map<string, ModelEntry>();
  for (const entry of (answer as ModelEntry)[list] as unknown[]) {
    const id = typeof entry === "object" && entry !== null && ((entry as ModelEntry)[name] ?? (entry as ModelEntry).id);
    if (typeof id !== "string" || byName.size >= mostModels) continue;
    const plain = id.replace(/^.*\bmodels\//, "");
    byName.set(upstream.listing?.named?.(plain) ?? plain, entry as ModelEntry);
  }
  return byName;
}
