import { openaiDialect } from "../../dialects/openai-other.ts";
import { relay } from "../../relay.ts";
import { openai, speaking } from "../../upstreams/openai.ts";

/** POST /v1/embeddings. */
export const handle = relay(openaiDialect, { upstreams: { openai: speaking("openai", openai) }, bridges: [] });
