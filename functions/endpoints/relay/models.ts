import { bridgesFrom } from "../../relay/bridges/bridge.ts";
import { anthropicDialect } from "../../relay/dialects/anthropic/anthropic.ts";
import { anthropicModels } from "../../relay/dialects/models.ts";
import { models } from "../../relay/models.ts";
import { anthropic } from "../../relay/upstreams/anthropic/anthropic.ts";
import { bedrock } from "../../relay/upstreams/bedrock/bedrock.ts";
import { claude } from "../../relay/upstreams/anthropic/claude.ts";
import { gemini } from "../../relay/upstreams/google/gemini.ts";
import { openai } from "../../relay/upstreams/openai/openai.ts";
import { vertexGemini } from "../../relay/upstreams/google/vertex-gemini.ts";
import { vertex } from "../../relay/upstreams/google/vertex.ts";

/** GET /v1/models and /v1/models/:id: what POST /v1/messages serves this key. */
export const handle = models({
  dialect: anthropicDialect,
  places: {
    upstreams: { anthropic, claude, bedrock, vertex, openai, gemini },
    besides: { vertex: vertexGemini },
    bridges: bridgesFrom("anthropic"),
  },
  words: anthropicModels,
  // Rarely asked, and most of what relaying takes: read when it is.
  beyond: async (request, env) => {
    const { relay } = await import("../../relay/relay.ts");
    return relay(anthropicDialect, { upstreams: { anthropic, claude }, bridges: [] })(request, env);
  },
});
