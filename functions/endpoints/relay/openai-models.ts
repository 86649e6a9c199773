import { openaiModels } from "../../dialects/models.ts";
import { openaiDialect } from "../../dialects/openai-other.ts";
import type { Endpoint } from "../../env.ts";
import { models } from "../../models.ts";
import { relay } from "../../relay.ts";
import { anthropic } from "../../upstreams/anthropic.ts";
import { bedrock } from "../../upstreams/bedrock.ts";
import { chatgpt } from "../../upstreams/chatgpt.ts";
import { gemini } from "../../upstreams/gemini.ts";
import { openai, speaking } from "../../upstreams/openai.ts";
import { vertexGemini } from "../../upstreams/vertex-gemini.ts";
import { vertex } from "../../upstreams/vertex.ts";

/** Chat completions and responses reach all of these, over bridges. */
const reached = { openai, anthropic, bedrock, vertex, gemini };
const upstreams = Object.fromEntries(
  Object.entries(reached).map(([kind, upstream]) => [kind, speaking("openai", upstream)]),
);
const besides = { vertex: speaking("openai", vertexGemini) };
const ofKey = models({
  dialect: openaiDialect,
  places: { upstreams, besides, bridges: [] },
  words: openaiModels,
});
const ofCodex = relay(openaiDialect, { upstreams: { chatgpt: speaking("openai", chatgpt) }, bridges: [] });

/** GET /v1/models and /v1/models/:id; Codex with a sign-in asks ChatGPT's own catalogue, in its own shape. */
export const handle: Endpoint = (request, env) =>
  (/(^|&)client_version=/.test(request.query) ? ofCodex : ofKey)(request, env);
