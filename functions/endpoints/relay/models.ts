import { anthropicDialect } from "../../dialects/anthropic.ts";
import { relay } from "../../relay.ts";
import { upstreams } from "../../upstreams/index.ts";

/** GET /v1/models and /v1/models/:id. */
export const handle = relay(anthropicDialect, upstreams);
