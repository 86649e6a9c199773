import { geminiDialect } from "../../dialects/gemini.ts";
import { relay } from "../../relay.ts";
import { gemini } from "../../upstreams/gemini.ts";
import { vertexGemini } from "../../upstreams/vertex-gemini.ts";

/** POST /v1beta/models/:model:method and /v1/…: generating, streamed and whole, counting, embedding. */
export const handle = relay(geminiDialect, { upstreams: { gemini, vertex: vertexGemini }, bridges: [] });
