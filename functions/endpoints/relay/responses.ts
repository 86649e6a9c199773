import { bridgesFrom } from "../../relay/bridges/bridge.ts";
import { openaiResponsesDialect } from "../../relay/dialects/openai/responses.ts";
import { relay } from "../../relay/relay.ts";
import { anthropic } from "../../relay/upstreams/anthropic/anthropic.ts";
import { bedrock } from "../../relay/upstreams/bedrock/bedrock.ts";
import { chatgpt } from "../../relay/upstreams/openai/chatgpt.ts";
import { claude } from "../../relay/upstreams/anthropic/claude.ts";
import { openai } from "../../relay/upstreams/openai/openai.ts";
import { gemini } from "../../relay/upstreams/google/gemini.ts";
import { vertexGemini } from "../../relay/upstreams/google/vertex-gemini.ts";
import { vertex } from "../../relay/upstreams/google/vertex.ts";

/** POST /v1/responses and /v1/responses/compact, streamed and whole; an attempt at WebSocket is sent back to POST. */
export const handle = relay(openaiResponsesDialect, {
  upstreams: { openai, chatgpt, anthropic, claude, bedrock, vertex, gemini },
  besides: { vertex: vertexGemini },
  bridges: bridgesFrom("openai-responses"),
});
