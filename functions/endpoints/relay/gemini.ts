import { bridgesFrom } from "../../relay/bridges/bridge.ts";
import { geminiDialect } from "../../relay/dialects/gemini/gemini.ts";
import { relay } from "../../relay/relay.ts";
import { anthropic } from "../../relay/upstreams/anthropic/anthropic.ts";
import { bedrock } from "../../relay/upstreams/bedrock/bedrock.ts";
import { gemini } from "../../relay/upstreams/google/gemini.ts";
import { vertexGemini } from "../../relay/upstreams/google/vertex-gemini.ts";
import { vertex } from "../../relay/upstreams/google/vertex.ts";
import { openai } from "../../relay/upstreams/openai/openai.ts";

/** POST /v1beta/models/:model:method and /v1/…: generating, streamed and whole, counting, embedding. */
export const handle = relay(geminiDialect, {
  upstreams: { gemini, vertex: vertexGemini, anthropic, bedrock, openai },
  besides: { vertex },
  bridges: bridgesFrom("gemini"),
});
