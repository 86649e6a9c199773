import { anthropic } from "./anthropic.ts";
import { azureOpenai } from "./azure-openai.ts";
import { bedrock } from "./bedrock.ts";
import { chatgpt } from "./chatgpt.ts";
import { claude } from "./claude.ts";
import { codeAssist } from "./code-assist.ts";
import { gemini } from "./gemini.ts";
import { openai } from "./openai.ts";
import type { Upstream } from "./upstream.ts";
import { vertex } from "./vertex.ts";

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
