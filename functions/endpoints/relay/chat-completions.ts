import { bridgesFrom } from "../../relay/bridges/bridge.ts";
import { openaiChatDialect } from "../../relay/dialects/openai/chat.ts";
import { relay } from "../../relay/relay.ts";
import { anthropic } from "../../relay/upstreams/anthropic/anthropic.ts";
import { bedrock } from "../../relay/upstreams/bedrock/bedrock.ts";
import { claude } from "../../relay/upstreams/anthropic/claude.ts";
import { gemini } from "../../relay/upstreams/google/gemini.ts";
import { openai } from "../../relay/upstreams/openai/openai.ts";
import { vertexGemini } from "../../relay/upstreams/google/vertex-gemini.ts";
import { vertex } from "../../relay/upstreams/google/vertex.ts";

/** POST /v1/chat/completions, streamed and whole: the model chooses the account. */
export const handle = relay(openaiChatDialect, {
  upstreams: { openai, anthropic, claude, bedrock, vertex, gemini },
  besides: { vertex: vertexGemini },
  bridges: bridgesFrom("openai-chat"),
});
