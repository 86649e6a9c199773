import { openaiChatToAnthropic } from "../../bridges/openai-chat-to-anthropic.ts";
import { openaiChatToGemini } from "../../bridges/openai-chat-to-gemini.ts";
import { openaiChatDialect } from "../../dialects/openai-chat.ts";
import { relay } from "../../relay.ts";
import { anthropic } from "../../upstreams/anthropic.ts";
import { bedrock } from "../../upstreams/bedrock.ts";
import { claude } from "../../upstreams/claude.ts";
import { gemini } from "../../upstreams/gemini.ts";
import { openai, speaking } from "../../upstreams/openai.ts";
import { vertexGemini } from "../../upstreams/vertex-gemini.ts";
import { vertex } from "../../upstreams/vertex.ts";

/** POST /v1/chat/completions, streamed and whole: the model chooses the account. */
export const handle = relay(openaiChatDialect, {
  upstreams: { openai: speaking("openai-chat", openai), anthropic, claude, bedrock, vertex, gemini },
  besides: { vertex: vertexGemini },
  bridges: [openaiChatToAnthropic, openaiChatToGemini],
});
