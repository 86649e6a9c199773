import { openaiDialect } from "../../dialects/openai-other.ts";
import { relay } from "../../relay.ts";
import { openai, speaking } from "../../upstreams/openai.ts";

/** POST /v1/images/generations, whole or with streamed previews. */
export const handle = relay(openaiDialect, { upstreams: { openai: speaking("openai", openai) }, bridges: [] });
