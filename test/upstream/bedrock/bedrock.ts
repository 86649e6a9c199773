import type { Behaviour } from "../behaviours.ts";
import { halves } from "../anthropic/errors.ts";
import type { Incoming, Language, Reply, SimulatedCall } from "../language.ts";
import { eventFrame, exceptionFrame } from "./frames.ts";
import { verifySignature } from "./sigv4.ts";
import type { JsonObject } from "../../../functions/wire/json.ts";

/** Errors as https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html has them. */
const faults: Record<string, readonly [string, string]> = {
  "400": ["ValidationException", "Malformed input request: required key [messages] not found"],
  "403": ["AccessDeniedException", "You don't have access to the model with the specified model ID."],
  "403-token": ["UnrecognizedClientException", "The security token included in the request is invalid."],
  "403-expired": ["ExpiredTokenException", "The security token included in the request is expired"],
  "404": ["ResourceNotFoundException", "Model use case details have not been submitted for this account."],
  "424": ["ModelErrorException", "The model returned an error."],
  "429": ["ThrottlingException", "Too many requests, please wait before trying again."],
  "500": ["InternalServerException", "The system encountered an unexpected error during processing."],
  "503": ["ServiceUnavailableException", "Bedrock is unable to process your request."],
};

/**
 * Claude on Bedrock and on Vertex AI: the Anthropic language behind another door. `inner` answers what the door has let in.
 */
export function cloudLanguage(inner: Language): Language {
  const open = (incoming: Incoming): SimulatedCall | undefined => {
    const bedrock = /^\/model\/([^/]+)\/(invoke|invoke-with-response-stream|count-tokens)$/.exec(incoming.path);
    if (bedrock) return openBedrock(incoming, decodeURIComponent(bedrock[1] ?? ""), bedrock[2] ?? "", inner);
    if (incoming.path === "/foundation-models") return listModels(incoming);
    if (incoming.path.endsWith("/publishers/anthropic/models")) return listVertex();
    const vertex = /\/publishers\/anthropic\/models\/([^/:]+):(rawPredict|streamRawPredict)$/.exec(incoming.path);
    return vertex ? openVertex(incoming, vertex[1] ?? "", vertex[2] ?? "", inner) : undefined;
  };
  const names = new Set([...Object.keys(faults), ...inner.faults]);
  return { name: "cloud", faults: names, directives: inner.directives, open };
}

/** The request that the inner language answers, its model as Anthropic's API would name it. */
function innerCall(incoming: Incoming, model: string, credential: string, isStream: boolean, inner: Language) {
  const body = { ...parse(incoming.body), model: plainName(model), ...(isStream ? { stream: true } : {}) };
  const headers = { "x-api-key": credential, "anthropic-version": "2023-06-01", "content-type": "application/json" };
  return inner.open({ ...incoming, path: "/v1/messages", headers, body: Buffer.from(JSON.stringify(body)) });
}

const plainName = (model: string) =>
  model
    .replace(/^(?:[a-z-]+\.)?anthropic\./, "")
    .replace(/-v\d(:\d)?$/, "")
    .replace("@", "-");

function openBedrock(incoming: Incoming, model: string, verb: string, inner: Language): SimulatedCall {
  const signed = verifySignature(incoming);
  const bearer = /^Bearer (.+)$/.exec(incoming.headers.authorization ?? "")?.[1];
  const credential = signed?.accessKeyId ?? bearer ?? "";
  const isStream = verb === "invoke-with-response-stream";
  const counted = verb === "count-tokens" ? countedBody(incoming.body) : undefined;
  const call = innerCall(incoming, model, credential || "nobody", isStream, inner);
  const answer = (behaviour: Behaviour): Reply => {
    if (signed === undefined && bearer === undefined)
      return faultReply("403", "InvalidSignatureException", "The request signature we calculated does not match.");
    const problem = bodyProblem(counted ?? parse(incoming.body), "bedrock-2023-05-31");
    if (problem) return faultReply("400", "ValidationException", problem);
    if (counted) return plain(200, { inputTokens: Math.ceil(JSON.stringify(counted).length / 4) });
    const reply = call?.answer(behaviour) ?? plain(500, {});
    return reply.streamed ? framed(reply) : { ...reply, headers: { ...reply.headers, ...requestId } };
  };
  return {
    ...{ credential, prompt: call?.prompt ?? "", generates: counted === undefined, answer },
    refuse: (fault) =>
      faultReply(fault.slice(0, 3), ...(faults[fault] ?? (["InternalServerException", fault] as const))),
    errorFrame: (type) =>
      exceptionFrame(type || "throttlingException", "Too many tokens, please wait before trying again."),
  };
}

const requestId = { "x-amzn-requestid": "sim-bedrock-request" };

function framed(reply: Reply): Reply {
  const frames = reply.frames.map((frame) => eventFrame(/^data: (.*)$/m.exec(frame.toString("utf8"))?.[1] ?? "{}"));
  const headers = { "content-type": "application/vnd.amazon.eventstream", ...requestId };
  return { ...reply, headers, frames };
}

function faultReply(status: string, type: string, message: string): Reply {
  const reply = plain(Number(status), { message });
  return { ...reply, headers: { ...reply.headers, "x-amzn-errortype": `${type}:http://internal.amazon.com/` } };
}

function plain(status: number, body: unknown): Reply {
  const headers = { "content-type": "application/json", ...requestId };
  return { status, headers, frames: halves(JSON.stringify(body)), streamed: false };
}

/** What both clouds refuse: fields that belong into the address, betas that they do not know. */
function bodyProblem(body: JsonObject, version: string): string | undefined {
  if (body.anthropic_version !== version) return `anthropic_version: must be ${version}`;
  if ("model" in body) return "model: Extra inputs are not permitted";
  if (version.startsWith("bedrock") && "stream" in body) return "stream: Extra inputs are not permitted";
  const betas = Array.isArray(body.anthropic_beta) ? (body.anthropic_beta as string[]) : [];
  return betas.some((beta) => beta.startsWith("claude-code-")) ? "invalid beta flag" : undefined;
}

function countedBody(bytes: Buffer): JsonObject {
  const input = parse(bytes).input as { invokeModel?: { body?: string } } | undefined;
  return parse(Buffer.from(input?.invokeModel?.body ?? "", "base64"));
}

/** The control plane looks at the same credential as the models do. */
function listModels(incoming: Incoming): SimulatedCall {
  const signed = verifySignature(incoming);
  const modelSummaries = [{ modelId: "anthropic.claude-sonnet-4-5-20250929-v1:0" }];
  const answer = () => (signed ? plain(200, { modelSummaries }) : faultReply("403", "InvalidSignatureException", "no"));
  const refuse = (fault: string) => {
    const named = faults[fault];
    return named && fault.startsWith("403-") ? faultReply("403", ...named) : answer();
  };
  const credential = signed?.accessKeyId ?? "";
  return { credential, prompt: "", generates: false, answer, refuse, errorFrame: () => Buffer.alloc(0) };
}

function listVertex(): SimulatedCall {
  const publisherModels = [{ name: "publishers/anthropic/models/claude-sonnet-4-5@20250929" }];
  const answer = () => plain(200, { publisherModels });
  return { credential: "", prompt: "", generates: false, answer, refuse: answer, errorFrame: () => Buffer.alloc(0) };
}

function openVertex(incoming: Incoming, model: string, verb: string, inner: Language): SimulatedCall | undefined {
  const credential = /^Bearer (.+)$/.exec(incoming.headers.authorization ?? "")?.[1] ?? "";
  const isCount = model === "count-tokens";
  const call = innerCall(incoming, model, credential || "nobody", verb === "streamRawPredict", inner);
  const google = (code: number, status: string, message: string) => plain(code, [{ error: { code, message, status } }]);
  const answer = (behaviour: Behaviour): Reply => {
    if (credential === "")
      return google(401, "UNAUTHENTICATED", "Request is missing required authentication credential.");
    const { model: named, ...body } = parse(incoming.body);
    const problem = bodyProblem(isCount || named === undefined ? body : { ...body, model: named }, "vertex-2023-10-16");
    if (problem) return google(400, "INVALID_ARGUMENT", problem);
    if (isCount && typeof named !== "string") return google(400, "INVALID_ARGUMENT", "model: Field required");
    if (isCount) return plain(200, { input_tokens: Math.ceil(incoming.body.length / 4) });
    return call?.answer(behaviour) ?? plain(500, {});
  };
  if (!call) return undefined;
  return {
    ...call,
    credential,
    generates: !isCount,
    answer,
    refuse: (fault) =>
      google(
        Number(fault.slice(0, 3)),
        "RESOURCE_EXHAUSTED",
        "Quota exceeded for aiplatform.googleapis.com/online_prediction_requests_per_base_model.",
      ),
  };
}

function parse(bytes: Buffer): JsonObject {
  try {
    return JSON.parse(bytes.toString("utf8")) as JsonObject;
  } catch {
    return {};
  }
}
