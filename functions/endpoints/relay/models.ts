import { anthropicToGemini } from "../../bridges/anthropic-to-gemini.ts";
import { anthropicToOpenaiResponses } from "../../bridges/anthropic-to-openai-responses.ts";
import { anthropicDialect } from "../../dialects/anthropic.ts";
import { anthropicModels } from "../../dialects/models.ts";
import { models } from "../../models.ts";
import { relay } from "../../relay.ts";
import { anthropic } from "../../upstreams/anthropic.ts";
import { bedrock } from "../../upstreams/bedrock.ts";
import { claude } from "../../upstreams/claude.ts";
import { gemini } from "../../upstreams/gemini.ts";
import { openai } from "../../upstreams/openai.ts";
import { vertexGemini } from "../../upstreams/vertex-gemini.ts";
import { vertex } from "../../upstreams/vertex.ts";

/** GET /v1/models and /v1/models/:id: what POST /v1/messages serves this key. */
export const handle = models({
  dialect: anthropicDialect,
  places: {
    upstreams: { anthropic, claude, bedrock, vertex, openai, gemini },
    besides: { vertex: vertexGemini },
    bridges: [anthropicToOpenaiResponses, anthropicToGemini],
  },
  words: anthropicModels,
  beyond: relay(anthropicDialect, { upstreams: { anthropic, claude }, bridges: [] }),
});
