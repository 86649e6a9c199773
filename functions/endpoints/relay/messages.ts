import { anthropicToGemini } from "../../bridges/anthropic-to-gemini.ts";
import { anthropicToOpenaiResponses } from "../../bridges/anthropic-to-openai-responses.ts";
import { anthropicDialect } from "../../dialects/anthropic.ts";
import { relay } from "../../relay.ts";
import { anthropic } from "../../upstreams/anthropic.ts";
import { bedrock } from "../../upstreams/bedrock.ts";
import { claude } from "../../upstreams/claude.ts";
import { gemini } from "../../upstreams/gemini.ts";
import { openai } from "../../upstreams/openai.ts";
import { vertexGemini } from "../../upstreams/vertex-gemini.ts";
import { vertex } from "../../upstreams/vertex.ts";

/** POST /v1/messages, streamed and whole. */
export const handle = relay(anthropicDialect, {
  upstreams: { anthropic, claude, bedrock, vertex, openai, gemini },
  besides: { vertex: vertexGemini },
  bridges: [anthropicToOpenaiResponses, anthropicToGemini],
});
