import { openaiResponsesToAnthropic } from "../../bridges/openai-responses-to-anthropic.ts";
import { openaiResponsesDialect } from "../../dialects/openai-responses.ts";
import { relay } from "../../relay.ts";
import { anthropic } from "../../upstreams/anthropic.ts";
import { bedrock } from "../../upstreams/bedrock.ts";
import { chatgpt } from "../../upstreams/chatgpt.ts";
import { claude } from "../../upstreams/claude.ts";
import { openai } from "../../upstreams/openai.ts";
import { vertex } from "../../upstreams/vertex.ts";

/** POST /v1/responses and /v1/responses/compact, streamed and whole; an attempt at WebSocket is sent back to POST. */
export const handle = relay(openaiResponsesDialect, {
  upstreams: { openai, chatgpt, anthropic, claude, bedrock, vertex },
  bridges: [openaiResponsesToAnthropic],
});
