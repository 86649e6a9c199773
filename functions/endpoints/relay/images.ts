import { openaiDialect } from "../../relay/dialects/openai/other.ts";
import { relay } from "../../relay/relay.ts";
import { chatgpt } from "../../relay/upstreams/openai/chatgpt.ts";
import { openai, speaking } from "../../relay/upstreams/openai/openai.ts";

/** POST /v1/images/generations and /v1/images/edits, whole or with streamed previews, and Codex's /alpha/search. */
export const handle = relay(openaiDialect, {
  upstreams: { openai: speaking("openai", openai), chatgpt: speaking("openai", chatgpt) },
  bridges: [],
});
