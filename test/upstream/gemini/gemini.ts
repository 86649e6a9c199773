import type { Behaviour } from "../behaviours.ts";
import { modelDirectives } from "../anthropic/model.ts";
import { readConversation } from "../anthropic/conversation.ts";
import { usageDirectives } from "../anthropic/usage.ts";
import type { Incoming, Language, Reply, SimulatedCall } from "../language.ts";
import { answerDirectives, type Form, generate } from "./answer.ts";
import { callMethod, projectProblem } from "./code-assist.ts";
import { asMessages, type GeminiBody } from "./conversation.ts";
import { errorFrame, errorReply, faultNames, faultReply, jsonReply } from "./errors.ts";
import { openToken } from "./google-oauth.ts";

const directives = new Set<string>([...modelDirectives, ...usageDirectives, ...answerDirectives]);

/** The Gemini API, the same models on Vertex AI, Code Assist, and Google's sign-in, after https://ai.google.dev/api. */
export const geminiLanguage: Language = { name: "gemini", faults: faultNames, directives, open };

function open(incoming: Incoming): SimulatedCall | undefined {
  const { method, path } = incoming;
  if (path === "/token" && method === "POST") return listing(incoming, () => openToken(incoming), "");
  const internal = /^\/v1internal(?::(\w+)|\/(operations)\/.+)$/.exec(path);
  if (internal) return openInternal(incoming, internal[1] ?? internal[2] ?? "");
  const vertex = /^\/v1(?:beta1)?\/projects\/[^/]+\/locations\/[^/]+\/publishers\/google\/models\/([^/]+)$/.exec(
    path,
  )?.[1];
  const native = /^\/v1(?:beta)?\/models\/([^/]+:[^/]+)$/.exec(path)?.[1];
  const call = vertex ?? native;
  if (call !== undefined && method === "POST") return openModel(incoming, decodeURIComponent(call));
  // GET /v1/models is another provider's list too: whose, the header of the key tells.
  const list = /^\/v1(beta)?\/models(?:\/([^/]+))?$/.exec(path);
  const isOurs = list?.[1] !== undefined || incoming.headers["x-goog-api-key"] !== undefined;
  if (list && isOurs && method === "GET") return listing(incoming, () => listModels(list[2] ?? ""));
  return undefined;
}

function listing(incoming: Incoming, answer: () => Reply, credential = credentialOf(incoming)): SimulatedCall {
  return {
    ...{ credential, prompt: "", generates: false, errorFrame },
    answer: () => (credential === "" && incoming.path !== "/token" ? unregistered() : answer()),
    refuse: faultReply,
  };
}

function openModel(incoming: Incoming, call: string): SimulatedCall {
  const [model = "", method = ""] = call.split(":");
  const body = parse(incoming.body) as (GeminiBody & { requests?: unknown[] }) | undefined;
  const values = [0.1, -0.2, 0.3];
  const free: Record<string, () => Reply> = {
    countTokens: () => jsonReply(200, { totalTokens: Math.ceil(incoming.body.length / 4) }),
    embedContent: () => jsonReply(200, { embedding: { values }, usageMetadata: { promptTokenCount: 7 } }),
    batchEmbedContents: () => jsonReply(200, { embeddings: (body?.requests ?? []).map(() => ({ values })) }),
  };
  const answer = free[method];
  if (answer) return listing(incoming, answer);
  const isStream = method === "streamGenerateContent";
  const kind = !isStream ? "whole" : incoming.query.get("alt") === "sse" ? "events" : "array";
  return generating(incoming, body, { model, form: { kind, wrap: false } });
}

function openInternal(incoming: Incoming, method: string): SimulatedCall {
  const credential = credentialOf(incoming);
  if (!/^(stream)?[gG]enerateContent$/.test(method)) {
    const unknown = () => errorReply(404, { status: "NOT_FOUND", message: `Method not found: ${method}` });
    return listing(incoming, () => callMethod(method, incoming, credential) ?? unknown());
  }
  const body = parse(incoming.body) as { model?: string; project?: string; request?: GeminiBody } | undefined;
  const form: Form = { kind: method === "generateContent" ? "whole" : "events", wrap: true };
  return generating(incoming, body?.request, { model: body?.model ?? "", form }, () => projectProblem(body ?? {}));
}

function generating(
  incoming: Incoming,
  body: GeminiBody | undefined,
  given: { model: string; form: Form },
  problem: () => Reply | undefined = () => undefined,
): SimulatedCall {
  const conversation = readConversation(asMessages(body ?? {}).messages);
  const answer = (behaviour: Behaviour): Reply => {
    const invalid = { status: "INVALID_ARGUMENT", message: "contents is not specified" };
    if (body?.contents === undefined) return errorReply(400, invalid);
    if (/missing|unknown/.test(given.model)) return faultReply("404", behaviour);
    return problem() ?? generate(body, incoming.body, { ...given, behaviour });
  };
  const call = listing(incoming, () => unregistered());
  if (call.credential === "") return call;
  return { ...call, generates: true, prompt: conversation.isPromptLast ? conversation.prompt : "", answer };
}

function unregistered(): Reply {
  const message = "Method doesn't allow unregistered callers (callers without established identity).";
  return errorReply(403, { status: "PERMISSION_DENIED", message });
}

function credentialOf({ headers, query }: Incoming): string {
  const key = headers["x-goog-api-key"];
  if (typeof key === "string" && key !== "") return key;
  return /^Bearer\s+(.+)$/i.exec(headers.authorization ?? "")?.[1] ?? query.get("key") ?? "";
}

const models = ["gemini-2.5-pro", "gemini-2.5-flash", "gemini-embedding-001"].map((id) => ({
  name: `models/${id}`,
  version: "001",
  displayName: id,
  supportedGenerationMethods: id.includes("embedding") ? ["embedContent"] : ["generateContent", "countTokens"],
}));

function listModels(id: string): Reply {
  if (id === "") return jsonReply(200, { models });
  const model = models.find((candidate) => candidate.name === `models/${id}`);
  return model ? jsonReply(200, model) : faultReply("404", new Map());
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
