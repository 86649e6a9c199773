import { openaiDialect } from "../../relay/dialects/openai/other.ts";
import { relay } from "../../relay/relay.ts";
import { openai, speaking } from "../../relay/upstreams/openai/openai.ts";

/** POST /v1/embeddings. */
export const handle = relay(openaiDialect, { upstreams: { openai: speaking("openai", openai) }, bridges: [] });
