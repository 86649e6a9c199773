import { anthropic } from "./anthropic/anthropic.ts";
import { azureOpenai } from "./openai/azure-openai.ts";
import { bedrock } from "./bedrock/bedrock.ts";
import { chatgpt } from "./openai/chatgpt.ts";
import { claude } from "./anthropic/claude.ts";
import { codeAssist } from "./google/code-assist.ts";
import { gemini } from "./google/gemini.ts";
import { openai } from "./openai/openai.ts";
import type { Upstream } from "./upstream.ts";
import { vertex } from "./google/vertex.ts";

/** Every place that an account can be at, by kind. */
export const upstreams: Readonly<Record<string, Upstream>> = {
  anthropic,
  claude,
  openai,
  chatgpt,
  "azure-openai": azureOpenai,
  gemini,
  "code-assist": codeAssist,
  bedrock,
  vertex,
};
