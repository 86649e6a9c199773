import type { Behaviour } from "../behaviours.ts";
import { readConversation } from "../anthropic/conversation.ts";
import { modelDirectives, outputBytes, takeTurn } from "../anthropic/model.ts";
import type { Incoming, Language, Reply, SimulatedCall } from "../language.ts";
import { benchReply } from "./bench.ts";
import { chatErrorFrame, chatFrames, completionFrames } from "./chat.ts";
import { isCustom, type OpenaiBody, toMessages } from "./conversation.ts";
import { faultNames, faultReply, wrong } from "./errors.ts";
import { codexWindows, commonHeaders, rateLimits } from "./headers.ts";
import { type ChatgptDesk, chatgptDesk } from "./oauth.ts";
import { catalogueFrames, type EmbeddingsBody, embeddingFrames, imageFrames, modelFrames } from "./other.ts";
import {
  type Answered,
  compactFrames,
  counted,
  countFrames,
  errorFrame,
  responseFrames,
  wholeFrames,
} from "./responses.ts";
import { openaiUsage, usageDirectives } from "./usage.ts";

const directives = new Set<string>([...modelDirectives, ...usageDirectives]);
for (const name of ["retry-after", "reset-in", "no-retry", "failed"]) directives.add(name);

type Operation = "responses" | "input_tokens" | "compact" | "chat" | "embeddings" | "images" | "models";

interface Visit {
  incoming: Incoming;
  operation: Operation;
  /** Whose address was asked: a vendor's has any path before its version. */
  place: "openai" | "chatgpt" | "azure";
  credential: string;
  desk: ChatgptDesk;
}

/** OpenAI's languages, as OpenAI, ChatGPT's Codex backend, Azure and compatible vendors serve them. */
export function openai(): { language: Language; chatgpt: ChatgptDesk } {
  const desk = chatgptDesk();
  const open = (incoming: Incoming): SimulatedCall | undefined => {
    const operation = operationOf(incoming);
    if (operation === undefined) return desk.open(incoming);
    return openVisit({ incoming, operation, place: placeOf(incoming.path), credential: credentialOf(incoming), desk });
  };
  return { language: { name: "openai", faults: faultNames, directives, open }, chatgpt: desk };
}

const operations: readonly (readonly [RegExp, Operation])[] = [
  [/\/responses$/, "responses"],
  [/\/responses\/compact$/, "compact"],
  [/\/responses\/input_tokens$/, "input_tokens"],
  [/\/chat\/completions$/, "chat"],
  [/\/embeddings$/, "embeddings"],
  [/\/images\/generations$/, "images"],
  [/\/models(\/.+)?$/, "models"],
];

/** Anthropic's and Gemini's model lists have the same path as OpenAI's; their clients are known by their headers. */
function operationOf({ path, method, headers }: Incoming): Operation | undefined {
  const operation = operations.find(([end]) => end.test(path))?.[1];
  if (operation !== "models") return method === "POST" ? operation : undefined;
  const isOther = headers["anthropic-version"] !== undefined || headers["x-goog-api-key"] !== undefined;
  const isBearer = headers.authorization !== undefined || headers["api-key"] !== undefined;
  return method === "GET" && isBearer && !isOther && !path.includes("v1beta") ? operation : undefined;
}

function placeOf(path: string): Visit["place"] {
  if (path.startsWith("/backend-api/codex/")) return "chatgpt";
  return path.startsWith("/openai/") ? "azure" : "openai";
}

function credentialOf({ headers }: Incoming): string {
  const key = headers["api-key"] ?? headers["x-api-key"];
  if (typeof key === "string") return key;
  return /^Bearer\s+(.+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
}

function openVisit(visit: Visit): SimulatedCall {
  const { credential, operation, incoming } = visit;
  const call = {
    credential,
    prompt: "",
    generates: operation !== "models" && operation !== "input_tokens",
    refuse: (fault: string, behaviour: Behaviour) => faultReply(fault, behaviour),
    errorFrame: operation === "chat" ? chatErrorFrame : errorFrame,
  };
  // The bench credential skips parsing, so that a benchmark measures the proxy and not this program.
  if (credential.includes("sim-bench") && (operation === "chat" || operation === "responses"))
    return { ...call, answer: (how) => benchReply(incoming, operation, how.get("bench")) };
  const body = parse(incoming.body);
  const conversation = readConversation(toMessages(body ?? {}).messages);
  return {
    ...call,
    prompt: conversation.isPromptLast ? conversation.prompt : "",
    answer: (behaviour) => refusal(visit) ?? (operation === "models" ? listed(visit) : answer(visit, body, behaviour)),
  };
}

/** What is wrong with who asks; undefined when nothing is. */
function refusal({ credential, incoming, place, desk }: Visit): Reply | undefined {
  if (credential === "") return wrong(401, "You didn't provide an API key.");
  if (place === "azure") {
    if (incoming.headers["api-key"] === undefined) return wrong(401, "Access denied due to missing api-key header.");
    const isVersioned = incoming.path.startsWith("/openai/v1/") || incoming.query.has("api-version");
    return isVersioned ? undefined : wrong(404, "Resource not found");
  }
  if (place !== "chatgpt") return undefined;
  const fault = desk.faultOf(credential, incoming.headers["chatgpt-account-id"]);
  return fault === undefined ? undefined : faultReply(fault, new Map());
}

function listed({ incoming, place }: Visit): Reply {
  const frames = place === "chatgpt" ? catalogueFrames() : modelFrames(incoming);
  return frames ? whole(frames, place) : wrong(404, "The model does not exist.", "model_not_found");
}

function answer(visit: Visit, body: OpenaiBody | undefined, behaviour: Behaviour): Reply {
  const { operation, incoming, place } = visit;
  if (!body) return wrong(400, "We could not parse the JSON body of your request.");
  const model = body.model ?? /\/deployments\/([^/]+)\//.exec(incoming.path)?.[1];
  if (model === undefined) return wrong(400, "Missing required parameter: 'model'.", "missing_required_parameter");
  if (/missing|unknown/.test(String(model)))
    return wrong(404, `The model \`${String(model)}\` does not exist.`, "model_not_found");
  if (operation === "input_tokens") {
    const stranger = Object.keys(body).find((name) => !counted.includes(name));
    if (stranger !== undefined) return wrong(400, `Unknown parameter: '${stranger}'.`, "unknown_parameter");
    return whole(countFrames(incoming.body.length), place);
  }
  if (operation === "embeddings") return whole(embeddingFrames(body as EmbeddingsBody), place);
  const isStream = body.stream === true;
  if (operation === "images") return finish(imageFrames(isStream), isStream, place);
  const conversation = readConversation(toMessages(body).messages);
  const turn = takeTurn(toMessages(body), conversation, behaviour);
  const usage = openaiUsage(incoming.body, outputBytes(turn), behaviour);
  const answered: Answered = { model: String(model), turn, usage, isCustom: (name) => isCustom(body, name) };
  if (operation === "compact") return whole(compactFrames(answered), place);
  if (operation === "chat" && !isStream) return whole(completionFrames(answered, behaviour), place);
  if (!isStream) return whole(wholeFrames(answered, behaviour), place);
  const streamed =
    operation === "chat"
      ? chatFrames(answered, behaviour, body.stream_options?.include_usage === true)
      : responseFrames(answered, behaviour);
  return { ...finish(streamed.frames, true, place), repeatable: streamed.repeatable };
}

function whole(frames: Buffer[], place: Visit["place"]): Reply {
  return finish(frames, false, place);
}

function finish(frames: Buffer[], streamed: boolean, place: Visit["place"]): Reply {
  const limits = place === "chatgpt" ? { ...codexWindows(37), "x-codex-turn-state": "ts_simulated" } : rateLimits();
  const type = streamed ? "text/event-stream; charset=utf-8" : "application/json";
  return { status: 200, headers: { "content-type": type, ...limits, ...commonHeaders() }, frames, streamed };
}

function parse(body: Buffer): OpenaiBody | undefined {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
