import { geminiDialect } from "../../relay/dialects/gemini/gemini.ts";
import { geminiModels } from "../../relay/dialects/models.ts";
import { models } from "../../relay/models.ts";
import { relay } from "../../relay/relay.ts";
import { gemini } from "../../relay/upstreams/google/gemini.ts";
import { vertexGemini } from "../../relay/upstreams/google/vertex-gemini.ts";

/** GET /v1beta/models and /v1beta/models/:id, and under /v1. */
export const handle = models({
  dialect: geminiDialect,
  places: { upstreams: { gemini, vertex: vertexGemini }, bridges: [] },
  words: geminiModels,
  beyond: relay(geminiDialect, { upstreams: { gemini }, bridges: [] }),
});
