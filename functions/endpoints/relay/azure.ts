import type { Dialect } from "../../relay/dialects/dialect.ts";
import { openaiModels } from "../../relay/dialects/models.ts";
import { asAzure } from "../../relay/dialects/openai/azure.ts";
import { openaiChatDialect } from "../../relay/dialects/openai/chat.ts";
import { openaiDialect } from "../../relay/dialects/openai/other.ts";
import { openaiResponsesDialect } from "../../relay/dialects/openai/responses.ts";
import type { Endpoint } from "../../env.ts";
import { models } from "../../relay/models.ts";
import { relay } from "../../relay/relay.ts";
import { azureOpenai } from "../../relay/upstreams/openai/azure-openai.ts";
import { speaking } from "../../relay/upstreams/openai/openai.ts";

const at = ({ name }: Dialect) => ({ upstreams: { "azure-openai": speaking(name, azureOpenai) }, bridges: [] });
const of = (dialect: Dialect) => relay(asAzure(dialect), at(dialect));

/** By the end of the path, whichever of Azure's styles stands before it. */
const languages: readonly (readonly [RegExp, Endpoint])[] = [
  [/\/chat\/completions$/, of(openaiChatDialect)],
  [/\/responses(\/compact)?$/, of(openaiResponsesDialect)],
  [/\/models(\/[^/]+)?$/, models({ dialect: asAzure(openaiDialect), places: at(openaiDialect), words: openaiModels })],
];
const other = of(openaiDialect);

/** Azure OpenAI: chat, responses, embeddings and images, in the deployment style and under /openai/v1. */
export const handle: Endpoint = (request, env) =>
  (languages.find(([end]) => end.test(request.path))?.[1] ?? other)(request, env);
