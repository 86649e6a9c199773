import { anthropicDialect } from "../../dialects/anthropic.ts";
import { relay } from "../../relay.ts";
import { anthropic } from "../../upstreams/anthropic.ts";
import { claude } from "../../upstreams/claude.ts";

/** GET /v1/models and /v1/models/:id. */
export const handle = relay(anthropicDialect, { upstreams: { anthropic, claude }, bridges: [] });
