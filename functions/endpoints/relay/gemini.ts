import { geminiDialect } from "../../relay/dialects/gemini/gemini.ts";
import { relay } from "../../relay/relay.ts";
import { gemini } from "../../relay/upstreams/google/gemini.ts";
import { vertexGemini } from "../../relay/upstreams/google/vertex-gemini.ts";

/** POST /v1beta/models/:model:method and /v1/…: generating, streamed and whole, counting, embedding. */
export const handle = relay(geminiDialect, { upstreams: { gemini, vertex: vertexGemini }, bridges: [] });
