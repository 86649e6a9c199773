import { handle as azure } from "../functions/endpoints/relay/azure.ts";
import { handle as chat } from "../functions/endpoints/relay/chat-completions.ts";
import { handle as codeAssist } from "../functions/endpoints/relay/code-assist.ts";
import { handle as gemini } from "../functions/endpoints/relay/gemini.ts";
import { handle as messages } from "../functions/endpoints/relay/messages.ts";
import { handle as responses } from "../functions/endpoints/relay/responses.ts";
import type { Account, Credential } from "../functions/core/accounts/account.ts";
import type { Endpoint, Env } from "../functions/env.ts";
import { pullBody, type Inbound, type Outbound } from "../functions/wire/dispatch.ts";
import type { Ask } from "./rig.ts";

/** What a provider answers: a status, headers, and the chunks of its body. */
export interface Reply {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly chunks: readonly string[];
}

export const whole = (status: number, body: unknown, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  chunks: [typeof body === "string" ? body : JSON.stringify(body)],
});

export const stream = (...events: readonly unknown[]): Reply => ({
  status: 200,
  headers: { "content-type": "text/event-stream" },
  chunks: events.map((event) => {
    if (typeof event === "string") return event;
    const { type } = event as { type?: string };
    return `${type === undefined ? "" : `event: ${type}\n`}data: ${JSON.stringify(event)}\n\n`;
  }),
});

/** A provider whose every call for an answer is answered by `reply`, and whose list of models and tokens are as they should be. */
export function provider(reply: (outbound: Outbound) => Reply) {
  const asked: Outbound[] = [];
  const probes: Outbound[] = [];
  const tokens: Outbound[] = [];
  const dispatch: Env["dispatch"] = (outbound) => {
    if (outbound.url.includes("/token")) return Promise.resolve((tokens.push(outbound), inbound(token)));
    const isProbe =
      outbound.method === "GET" || /retrieveUserQuota/.test(outbound.url) || String(outbound.body) === "{}";
    if (isProbe) return Promise.resolve((probes.push(outbound), inbound(probeReply(outbound))));
    asked.push(outbound);
    return Promise.resolve(inbound(reply(outbound)));
  };
  return { dispatch, asked, probes, tokens };
}

const token = whole(200, { access_token: "ya29.fresh", refresh_token: "fresh", expires_in: 3600 });
const probeReply = ({ method }: Outbound): Reply =>
  method === "GET"
    ? whole(200, { data: [{ id: "a-model" }], models: [], publisherModels: [], modelSummaries: [] })
    : whole(400, {
        error: { type: "invalid_request_error", message: "model: Field required", status: "INVALID_ARGUMENT" },
      });

export function inbound({ status, headers = {}, chunks }: Reply): Inbound {
  const left = chunks.map((chunk) => Buffer.from(chunk));
  const body = pullBody(
    () => Promise.resolve(left.shift()),
    () => void left.splice(0),
  );
  return { status, headers, body };
}

/** How one kind of account is called. */
export interface Kind {
  readonly kind: string;
  readonly credential: Credential;
  readonly account?: Partial<Account>;
  readonly handle: Endpoint;
  /** A request in which the caller's words stand wherever a caller may write. */
  ask(secret: string, words: string, isStream: boolean): Ask;
  readonly language: "anthropic" | "openai" | "google" | "aws";
}

const baseUrl = "https://provider.example";
const settings = { tokenUrl: `${baseUrl}/token` };
const oauth = { kind: "oauth", accessToken: "access-token-0123456789", refreshToken: "refresh-0123456789" } as const;
const apiKey = { kind: "api-key", secret: "sk-ant-api03-CREDCANARY-0123456789abcdef" } as const;
const claudeCode = { "user-agent": "claude-cli/2.1.0 (external, cli)", "x-app": "cli" };

const askMessages =
  (headers: Record<string, string> = {}) =>
  (secret: string, words: string, stream: boolean): Ask => ({
    headers: { "x-api-key": secret, "anthropic-beta": words.replace(/[^ -~]/g, "?"), ...headers },
    body: {
      ...{ model: "claude-sonnet-4-5", max_tokens: 9, stream, metadata: { user_id: words } },
      tools: [{ name: words, input_schema: { type: words } }],
      messages: [{ role: "user", content: [{ type: words, source: { url: words, file_name: words } }] }],
    },
  });
const askResponses =
  (headers: Record<string, string> = {}) =>
  (secret: string, words: string, stream: boolean): Ask => ({
    path: "/openai/v1/responses",
    headers: { authorization: `Bearer ${secret}`, "x-openai-words": words.replace(/[^ -~]/g, "?"), ...headers },
    body: {
      model: "gpt-5.5",
      stream,
      input: [{ type: words, role: "user", content: words }],
      tools: [{ name: words }],
    },
  });
const contents = (words: string) => ({ contents: [{ parts: [{ [words]: words, fileData: { fileUri: words } }] }] });

export const kinds: readonly Kind[] = [
  { kind: "anthropic", credential: apiKey, handle: messages, ask: askMessages(), language: "anthropic" },
  {
    ...{ kind: "claude", credential: oauth, handle: messages, language: "anthropic", account: { settings } },
    ask: askMessages({ ...claudeCode, "anthropic-beta": "claude-code-20250219" }),
  },
  { kind: "openai", credential: apiKey, handle: responses, ask: askResponses(), language: "openai" },
  {
    ...{ kind: "openai", credential: apiKey, handle: chat, language: "openai" },
    ask: (secret, words, stream) => ({
      path: "/openai/v1/chat/completions",
      headers: { authorization: `Bearer ${secret}` },
      body: { model: "gpt-5.5", stream, messages: [{ role: "user", name: words, content: words }] },
    }),
  },
  {
    ...{ kind: "chatgpt", credential: oauth, handle: responses, language: "openai", account: { settings } },
    ask: askResponses({ originator: "codex_cli_rs", "user-agent": "codex_cli_rs/0.60.0 (Linux)" }),
  },
  {
    ...{ kind: "azure-openai", credential: apiKey, handle: azure, language: "openai" },
    ask: (secret, words, stream) => ({ ...askResponses()(secret, words, stream), path: "/azure/responses" }),
  },
  {
    ...{ kind: "gemini", credential: apiKey, handle: gemini, language: "google" },
    ask: (secret, words, stream) => ({
      path: `/gemini/v1beta/models/gemini-2.5-pro:${stream ? "streamGenerateContent" : "generateContent"}`,
      query: stream ? "alt=sse" : "",
      headers: { "x-goog-api-key": secret },
      body: contents(words),
    }),
  },
  {
    ...{
      kind: "code-assist",
      credential: { ...oauth, extra: { project: "p" } },
      handle: codeAssist,
      language: "google",
    },
    account: { settings },
    ask: (secret, words, stream) => ({
      path: `/gemini/v1internal:${stream ? "streamGenerateContent" : "generateContent"}`,
      query: stream ? "alt=sse" : "",
      headers: { "x-goog-api-key": secret, "user-agent": "GeminiCLI/v24.21.0 (linux; x64)" },
      body: { model: "gemini-2.5-pro", project: words, request: contents(words) },
    }),
  },
  {
    ...{ kind: "bedrock", handle: messages, ask: askMessages(), language: "aws" },
    credential: {
      kind: "aws",
      accessKeyId: "AKIACANARY0123456789",
      secretAccessKey: "s",
      bearerToken: "bedrock-api-key-CANARY",
    },
  },
  {
    ...{ kind: "vertex", handle: messages, ask: askMessages(), language: "google" },
    credential: { ...oauth, extra: { project: "p" }, expiresAt: 4_000_000_000_000 },
  },
];

export const nameOf = ({ kind, ask }: Kind): string => `${kind} ${ask("", "", false).path ?? "/api/v1/messages"}`;
export const accountOf = ({ kind, account }: Kind): Partial<Account> => ({ kind, baseUrl, ...account });

/** By its account's kind, or by that and its path. */
export function kindOf(name: string): Kind {
  const found = kinds.find((kind) => nameOf(kind) === name || kind.kind === name);
  if (!found) throw new Error(`There is no ${name} on the stage.`);
  return found;
}
