import type { Behaviour } from "../behaviours.ts";
import type { Incoming, Language, Reply, SimulatedCall } from "../language.ts";
import { benchReply } from "./bench.ts";
import { type Conversation, type MessagesBody, readConversation } from "./conversation.ts";
import { errorFrame, errorReply, faultNames, faultReply, halves } from "./errors.ts";
import { allowedLimits, type Caller, commonHeaders, newId } from "./headers.ts";
import { modelDirectives, outputBytes, takeTurn } from "./model.ts";
import { modelsReply } from "./models.ts";
import { type OAuthDesk, oauthDesk, type OAuthOptions } from "./oauth.ts";
import { messageFrames, streamFrames } from "./stream.ts";
import { countTokens, usageDirectives, usageFor } from "./usage.ts";

export interface AnthropicOptions extends OAuthOptions {
  /** Bytes from which a body is refused with 413; the official limit, 32 MB, unless given. */
  maxBodyBytes?: number;
}

/** One call after its credential was read. */
interface Visit {
  incoming: Incoming;
  credential: string;
  caller: Caller;
  desk: OAuthDesk;
  maxBodyBytes: number;
}

const directives = new Set<string>([
  ...modelDirectives,
  ...usageDirectives,
  "retry-after",
  "reset-in",
  "no-retry",
  "other-form",
]);

/** Anthropic Messages, with the models list and Claude sign-in, after https://docs.claude.com/en/api/messages. */
export function anthropic(options: AnthropicOptions = {}): { language: Language; oauth: OAuthDesk } {
  const desk = oauthDesk(options);
  const open = (incoming: Incoming): SimulatedCall | undefined => {
    const credential = credentialOf(incoming);
    const caller = { requestId: newId("req_"), isOAuth: credential.startsWith("sk-ant-oat01-") };
    const visit = { incoming, credential, caller, desk, maxBodyBytes: options.maxBodyBytes ?? 32 * 1024 * 1024 };
    return desk.open(incoming, credential, caller) ?? openApi(visit);
  };
  return { language: { name: "anthropic", faults: faultNames, directives, open }, oauth: desk };
}

function openApi(visit: Visit): SimulatedCall | undefined {
  const { method, path } = visit.incoming;
  // Claude Code asks /api/hello before it uses a sign-in, to see whether it is online.
  if ((path === "/" || path === "/api/hello") && (method === "HEAD" || method === "GET"))
    return listing(visit, () => jsonReply({}, visit.caller));
  if (!path.startsWith("/v1/")) return undefined;
  if (path === "/v1/messages" && method === "POST") return openMessages(visit);
  if (path === "/v1/messages/count_tokens" && method === "POST") return listing(visit, () => countReply(visit));
  if (method === "GET" && /^\/v1\/models(\/|$)/.test(path)) {
    return listing(visit, () => refusal(visit) ?? modelsReply(visit.incoming, visit.caller));
  }
  return listing(visit, () => errorReply(404, "not_found_error", "Not found", visit.caller));
}

/** A call that spends nothing: only a broken credential changes its answer. */
function listing(visit: Visit, answer: () => Reply): SimulatedCall {
  const { credential, caller } = visit;
  return {
    ...{ credential, prompt: "", generates: false, answer },
    refuse: (fault, behaviour) => faultReply(fault, behaviour, caller),
    errorFrame: (type) => errorFrame(type, caller.requestId),
  };
}

function openMessages(visit: Visit): SimulatedCall {
  const { caller, credential, incoming } = visit;
  const call = { ...listing(visit, () => benchReply(incoming, caller)), generates: true };
  // The bench credential skips parsing, so that a benchmark measures the proxy and not this program.
  if (credential.includes("sim-bench"))
    return { ...call, answer: (how) => benchReply(incoming, caller, how.get("bench")) };
  const body = parse(incoming.body);
  const conversation = readConversation(body?.messages);
  return {
    ...call,
    prompt: conversation.isPromptLast ? conversation.prompt : "",
    answer: (behaviour) =>
      refusal(visit) ?? malformed(visit, body) ?? answerMessages(visit, body ?? {}, conversation, behaviour),
  };
}

function answerMessages(visit: Visit, body: MessagesBody, conversation: Conversation, behaviour: Behaviour): Reply {
  const turn = takeTurn(body, conversation, behaviour);
  const usage = usageFor(visit.incoming.body, conversation.modelTurns, outputBytes(turn), behaviour);
  const answered = { model: String(body.model), turn, usage };
  const isStream = (body.stream === true) !== behaviour.has("other-form");
  if (!isStream) return { ...jsonReply({}, visit.caller), frames: messageFrames(answered, behaviour) };
  const headers = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    ...allowedLimits(visit.caller.isOAuth),
    ...commonHeaders(visit.caller),
  };
  return { status: 200, headers, ...streamFrames(answered, behaviour), streamed: true };
}

function countReply(visit: Visit): Reply {
  const body = parse(visit.incoming.body);
  const wrong = refusal(visit) ?? malformed(visit, body && { max_tokens: 1, ...body });
  return wrong ?? jsonReply({ input_tokens: countTokens(visit.incoming.body) }, visit.caller);
}

function jsonReply(body: unknown, caller: Caller): Reply {
  const headers = { "content-type": "application/json", ...allowedLimits(caller.isOAuth), ...commonHeaders(caller) };
  return { status: 200, headers, frames: halves(JSON.stringify(body)), streamed: false };
}

/** What is wrong with who asks, as the official API words it; undefined when nothing is. */
function refusal({ incoming, credential, caller, desk }: Visit): Reply | undefined {
  const wrong = (status: number, type: string, message: string): Reply => errorReply(status, type, message, caller);
  if (credential === "") return wrong(401, "authentication_error", "x-api-key header is required");
  if (!caller.isOAuth) {
    if (incoming.headers["anthropic-version"]) return undefined;
    return wrong(400, "invalid_request_error", "anthropic-version: header is required");
  }
  const beta = String(incoming.headers["anthropic-beta"] ?? "").split(/\s*,\s*/);
  if (incoming.headers["x-api-key"] === credential) return wrong(401, "authentication_error", "invalid x-api-key");
  if (!beta.includes("oauth-2025-04-20")) {
    return wrong(401, "authentication_error", "OAuth authentication is currently not supported.");
  }
  const fault = desk.faultOf(credential);
  if (fault) return faultReply(fault, new Map(), caller);
  if (incoming.headers["anthropic-version"]) return undefined;
  return wrong(400, "invalid_request_error", "anthropic-version: header is required");
}

function malformed({ incoming, caller, maxBodyBytes }: Visit, body: MessagesBody | undefined): Reply | undefined {
  const wrong = (message: string): Reply => errorReply(400, "invalid_request_error", message, caller);
  if (incoming.body.length > maxBodyBytes) return faultReply("413", new Map(), caller);
  if (!body) return wrong("The request body is not valid JSON: expected value at line 1 column 1");
  if (body.model === undefined) return wrong("model: Field required");
  if (body.messages === undefined) return wrong("messages: Field required");
  if (!Array.isArray(body.messages)) return wrong("messages: Input should be a valid list");
  if (body.messages.length === 0) return wrong("messages: at least one message is required");
  if (body.max_tokens === undefined) return wrong("max_tokens: Field required");
  if (/missing|unknown/.test(String(body.model))) {
    return errorReply(404, "not_found_error", `model: ${String(body.model)}`, caller);
  }
  return undefined;
}

/** `x-api-key` before `Authorization: Bearer`, which SDK 1.x uses for API keys too. */
function credentialOf({ headers }: Incoming): string {
  const key = headers["x-api-key"];
  if (typeof key === "string" && key !== "") return key;
  return /^Bearer\s+(.+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
}

function parse(body: Buffer): MessagesBody | undefined {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
