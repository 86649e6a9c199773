import { openaiModels } from "../../dialects/openai-models.ts";
import { openaiDialect } from "../../dialects/openai-other.ts";
import type { Endpoint } from "../../env.ts";
import { models } from "../../models.ts";
import { relay } from "../../relay.ts";
import { chatgpt } from "../../upstreams/chatgpt.ts";
import { openai, speaking } from "../../upstreams/openai.ts";

const ofKey = models(openaiDialect, { upstreams: { openai: speaking("openai", openai) }, bridges: [] }, openaiModels);
const ofCodex = relay(openaiDialect, { upstreams: { chatgpt: speaking("openai", chatgpt) }, bridges: [] });

/** GET /v1/models and /v1/models/:id; Codex with a sign-in asks ChatGPT's own catalogue, in its own shape. */
export const handle: Endpoint = (request, env) =>
  (/(^|&)client_version=/.test(request.query) ? ofCodex : ofKey)(request, env);
