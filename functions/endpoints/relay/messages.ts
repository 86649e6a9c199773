import { anthropicDialect } from "../../dialects/anthropic.ts";
import { relay } from "../../relay.ts";
import { upstreams } from "../../upstreams/index.ts";

/** POST /v1/messages, streamed and whole. */
export const handle = relay(anthropicDialect, upstreams);
