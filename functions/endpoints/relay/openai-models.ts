import { codexModels, openaiModels } from "../../relay/dialects/models.ts";
import { openaiDialect } from "../../relay/dialects/openai/other.ts";
import type { Endpoint } from "../../env.ts";
import { models } from "../../relay/models.ts";
import { anthropic } from "../../relay/upstreams/anthropic/anthropic.ts";
import { bedrock } from "../../relay/upstreams/bedrock/bedrock.ts";
import { gemini } from "../../relay/upstreams/google/gemini.ts";
import { openai, speaking } from "../../relay/upstreams/openai/openai.ts";
import { vertexGemini } from "../../relay/upstreams/google/vertex-gemini.ts";
import { vertex } from "../../relay/upstreams/google/vertex.ts";

/** Chat completions and responses reach all of these, over bridges. */
const reached = { openai, anthropic, bedrock, vertex, gemini };
const upstreams = Object.fromEntries(
  Object.entries(reached).map(([kind, upstream]) => [kind, speaking("openai", upstream)]),
);
const besides = { vertex: speaking("openai", vertexGemini) };
const places = { upstreams, besides, bridges: [] };
const ofKey = models({ dialect: openaiDialect, places, words: openaiModels });
const ofKeyForCodex = models({ dialect: openaiDialect, places, words: codexModels });
/** ChatGPT's catalogue is relayed, which no other list of models needs. */
const ofCodex: Endpoint = async (request, env) => {
  const [{ relay }, { chatgpt }] = await Promise.all([
    import("../../relay/relay.ts"),
    import("../../relay/upstreams/openai/chatgpt.ts"),
  ]);
  return relay(openaiDialect, { upstreams: { chatgpt: speaking("openai", chatgpt) }, bridges: [] })(request, env);
};

/**
 * GET /v1/models and /v1/models/:id. Codex tells its version and wants a shape of its own: ChatGPT's catalogue where it is signed
 * in there, and what the key may use where it has an API key.
 */
export const handle: Endpoint = (request, env) => {
  if (!/(^|&)client_version=/.test(request.query)) return ofKey(request, env);
  return (request.headers["chatgpt-account-id"] === undefined ? ofKeyForCodex : ofCodex)(request, env);
};
