import { openaiResponsesDialect } from "../../dialects/openai-responses.ts";
import { relay } from "../../relay.ts";
import { chatgpt } from "../../upstreams/chatgpt.ts";
import { openai } from "../../upstreams/openai.ts";

/** POST /v1/responses and /v1/responses/compact, streamed and whole; an attempt at WebSocket is sent back to POST. */
export const handle = relay(openaiResponsesDialect, { upstreams: { openai, chatgpt }, bridges: [] });
