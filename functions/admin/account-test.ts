import type * as z from "zod/mini";
import type { Call } from "../dialects/dialect.ts";
import type { Env } from "../env.ts";
import { Failure, toFailure } from "../failure.ts";
import type { Account, Credential } from "../records/account.ts";
import { openCredential, openProxy } from "../records/credential.ts";
import { upstreams } from "../upstreams/index.ts";
import type { Upstream } from "../upstreams/upstream.ts";
import type { Body } from "../wire/dispatch.ts";
import { renewAccount } from "./account-renew.ts";
import type { AccountTestReport } from "./account-schema.ts";

export type Report = z.infer<typeof AccountTestReport>;

const limitBytes = 1_048_576;
const timeoutMs = 20_000;

/** Asks the account's provider for its list of models: a true call with the true credential and proxy that spends no tokens. */
export async function testAccount(account: Account, model: string | undefined, env: Env): Promise<Report> {
  const upstream = upstreams[account.kind];
  if (!upstream)
    throw new Failure("request.unsupported", { message: `The kind ${account.kind} is not known to this relay.` });
  const startedAt = env.now();
  try {
    const { status, text } = await ask(upstream, account, env);
    return { ...judge(status, text, model), status, latencyMs: env.now() - startedAt };
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code === "internal" || failure.code === "store.unavailable") throw error;
    return { isOk: false, status: null, latencyMs: env.now() - startedAt, message: failure.message, models: [] };
  }
}

async function ask(upstream: Upstream, account: Account, env: Env): Promise<{ status: number; text: string }> {
  const credential = await fresh(upstream, account, env);
  const listing = buildCall(upstream);
  // A place with a list of its own may want it prepared as a call is, such as with the account's project.
  const call = (upstream.listing && upstream.prepare?.(listing, account, credential)) ?? listing;
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
  return { status: inbound.status, text: await readText(inbound.body) };
}

/** What the account signs with, renewed first if it has ended: an idle account is no broken one. */
async function fresh(upstream: Upstream, account: Account, env: Env): Promise<Credential> {
  const held = openCredential(account, env);
  if (!held) throw new Failure("credential.rejected", { message: "The account has no credential yet." });
  const hasEnded =
    held.kind === "oauth" && held.refreshToken !== undefined && (held.expiresAt ?? Infinity) - env.now() < 60_000;
  return hasEnded && upstream.refresh ? renewAccount(account, env) : held;
}

/** Headers that a dialect's model list wants beside the credential. */
const wanted: Readonly<Record<string, Record<string, string>>> = { anthropic: { "anthropic-version": "2023-06-01" } };

function buildCall(upstream: Upstream): Call {
  return {
    dialect: upstream.dialect,
    service: upstream.service,
    operation: "models",
    isMetered: false,
    target: upstream.listing?.target ?? "/v1/models?limit=1000",
    model: undefined,
    isStream: false,
    session: undefined,
    client: undefined,
    maxOutputTokens: undefined,
    method: upstream.listing?.method ?? "GET",
    headers: {
      accept: "application/json",
      "accept-encoding": "identity",
      ...(upstream.listing?.body === undefined ? {} : { "content-type": "application/json" }),
      ...wanted[upstream.dialect],
    },
    body: Buffer.from(upstream.listing?.body ?? ""),
    rules: [],
  };
}

/** The answer as text, up to a megabyte: a model list is far below, and nobody's endless answer fills the memory. */
async function readText(body: Body): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (let part = await body.read(); part; part = await body.read()) {
    parts.push(part);
    bytes += part.length;
    if (bytes > limitBytes) {
      body.cancel();
      throw new Failure("upstream.refused", { message: `The provider's answer is larger than ${limitBytes} bytes.` });
    }
  }
  return Buffer.concat(parts).toString("utf8");
}

function judge(status: number, text: string, model: string | undefined): Pick<Report, "isOk" | "message" | "models"> {
  const answer = readJson(text);
  if (status < 200 || status >= 300)
    return { isOk: false, message: wordsOf(answer) ?? `The provider answered with status ${status}.`, models: [] };
  const models = modelsOf(answer);
  if (!models)
    return {
      isOk: false,
      message: "The provider answered, but not with a list of models: check the base URL.",
      models: [],
    };
  if (model !== undefined && !models.includes(model))
    return { isOk: false, message: `The provider does not list the model ${model}.`, models };
  return { isOk: true, message: `The provider answered with ${models.length} models.`, models };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** The provider's own words, as far as they go for a line: `{"error":{"message"}}` in every dialect. */
function wordsOf(answer: unknown): string | undefined {
  const error = isRecord(answer) ? answer.error : undefined;
  const message = isRecord(error) ? error.message : error;
  return typeof message === "string" && message !== "" ? message.slice(0, 500) : undefined;
}

/** Under which name each provider lists its models, and how it names one. */
const lists = {
  data: "id",
  models: "name",
  publisherModels: "name",
  modelSummaries: "modelId",
  buckets: "modelId",
} as const satisfies Record<string, string>;

/** Model names of a list: Anthropic's and OpenAI's, Gemini's, Vertex AI's, Bedrock's, Code Assist's (its quotas). */
function modelsOf(answer: unknown): string[] | undefined {
  if (!isRecord(answer)) return undefined;
  for (const [list, name] of Object.entries(lists)) {
    const entries = answer[list];
    if (!Array.isArray(entries)) continue;
    const names = entries.map((entry: unknown) => (isRecord(entry) ? (entry[name] ?? entry.id) : undefined));
    const plain = names.filter((found) => typeof found === "string").map((found) => found.replace(/^.*\bmodels\//, ""));
    return [...new Set(plain)].slice(0, 1_000);
  }
  return undefined;
}
