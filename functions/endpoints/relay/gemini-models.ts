import { geminiDialect } from "../../dialects/gemini.ts";
import { relay } from "../../relay.ts";
import { gemini } from "../../upstreams/gemini.ts";

/** GET /v1beta/models and /v1beta/models/:model, and under /v1. */
export const handle = relay(geminiDialect, { upstreams: { gemini }, bridges: [] });
