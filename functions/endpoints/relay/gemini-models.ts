import { geminiDialect } from "../../dialects/gemini.ts";
import { geminiModels } from "../../dialects/models.ts";
import { models } from "../../models.ts";
import { relay } from "../../relay.ts";
import { gemini } from "../../upstreams/gemini.ts";
import { vertexGemini } from "../../upstreams/vertex-gemini.ts";

/** GET /v1beta/models and /v1beta/models/:id, and under /v1. */
export const handle = models({
  dialect: geminiDialect,
  places: { upstreams: { gemini, vertex: vertexGemini }, bridges: [] },
  words: geminiModels,
  beyond: relay(geminiDialect, { upstreams: { gemini }, bridges: [] }),
});
