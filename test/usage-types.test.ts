import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

/**
 * Walks the providers' own usage types and fails for a field that nobody here has decided about: a new release of an SDK that
 * bills something new must not pass unseen. `priced`: read and priced; `part`: inside a figure that is; `free`: costs nothing.
 */
type Decision = "priced" | "part" | "free";

const split = { ephemeral_5m_input_tokens: "priced", ephemeral_1h_input_tokens: "priced" } as const;
const iteration = {
  cache_creation: "priced",
  cache_creation_input_tokens: "priced",
  cache_read_input_tokens: "priced",
  input_tokens: "priced",
  output_tokens: "priced",
  model: "priced",
  type: "priced",
} as const;
const claude = {
  ...iteration,
  inference_geo: "priced",
  service_tier: "priced",
  speed: "priced",
  server_tool_use: "priced",
  output_tokens_details: "part",
  iterations: "priced",
  // What a refused call is given back: the relay's figure is the list price, not less.
  fallback_credit: "free",
} as const;
const openai = {
  input_tokens: "priced",
  input_tokens_details: "priced",
  output_tokens: "priced",
  output_tokens_details: "priced",
  prompt_tokens: "priced",
  prompt_tokens_details: "priced",
  completion_tokens: "priced",
  completion_tokens_details: "priced",
  total_tokens: "part",
  cached_tokens: "priced",
  cached_tokens_details: "priced",
  cached_image_tokens: "priced",
  cached_text_tokens: "part",
  cache_write_tokens: "priced",
  cache_write_tokens_details: "priced",
  ttl_12h_tokens: "priced",
  ttl_30m_tokens: "priced",
  image_tokens: "priced",
  audio_tokens: "priced",
  text_tokens: "part",
  reasoning_tokens: "part",
  accepted_prediction_tokens: "part",
  rejected_prediction_tokens: "part",
  image_gen: "priced",
  web_search: "priced",
  num_requests: "priced",
  model: "priced",
} as const;
const gemini = {
  promptTokenCount: "priced",
  promptTokensDetails: "priced",
  cachedContentTokenCount: "priced",
  cacheTokensDetails: "priced",
  candidatesTokenCount: "priced",
  candidatesTokensDetails: "priced",
  responseTokenCount: "priced",
  responseTokensDetails: "priced",
  thoughtsTokenCount: "priced",
  toolUsePromptTokenCount: "priced",
  toolUsePromptTokensDetails: "priced",
  totalTokenCount: "priced",
  trafficType: "priced",
  serviceTier: "priced",
  // Of the prompt's tokens those of the first hop.
  initialPromptTokenCount: "part",
  modality: "priced",
  tokenCount: "priced",
} as const;

interface Walk {
  readonly file: readonly [name: string, path: string];
  /** Interfaces and namespaces whose members are walked, with those that are nested in them. */
  readonly types: readonly string[];
  readonly decisions: Readonly<Record<string, Decision>>;
}

const walks: readonly Walk[] = [
  {
    file: ["@anthropic-ai/sdk", "resources/messages/messages.d.ts"],
    types: ["Usage", "MessageDeltaUsage", "CacheCreation", "ServerToolUsage", "OutputTokensDetails"],
    decisions: {
      ...claude,
      ...split,
      web_search_requests: "priced",
      web_fetch_requests: "free",
      thinking_tokens: "part",
    },
  },
  {
    file: ["@anthropic-ai/sdk", "resources/beta/messages/messages.d.ts"],
    types: [
      ...["BetaUsage", "BetaMessageDeltaUsage", "BetaCacheCreation", "BetaServerToolUsage", "BetaOutputTokensDetails"],
      ...["BetaMessageIterationUsage", "BetaCompactionIterationUsage", "BetaAdvisorMessageIterationUsage"],
      "BetaFallbackMessageIterationUsage",
    ],
    decisions: {
      ...claude,
      ...split,
      web_search_requests: "priced",
      web_fetch_requests: "free",
      thinking_tokens: "part",
    },
  },
  {
    file: ["openai", "resources/responses/responses.d.ts"],
    types: ["ResponseUsage", "ToolUsage", "SvgUsage"],
    decisions: openai,
  },
  { file: ["openai", "resources/completions.d.ts"], types: ["CompletionUsage"], decisions: openai },
  { file: ["openai", "resources/images.d.ts"], types: ["Usage", "SvgUsage"], decisions: openai },
  { file: ["openai", "resources/embeddings.d.ts"], types: ["Usage"], decisions: openai },
  {
    file: ["@google/genai", "dist/genai.d.ts"],
    types: ["GenerateContentResponseUsageMetadata", "UsageMetadata", "ModalityTokenCount"],
    decisions: gemini,
  },
];

const require = createRequire(import.meta.url);

function parseTypes([name, path]: readonly [string, string]): ts.SourceFile {
  const root = join(dirname(require.resolve(name)).replace(/(node_modules\/(?:@[^/]+\/)?[^/]+).*/, "$1"), path);
  return ts.createSourceFile(path, readFileSync(root, "utf8"), ts.ScriptTarget.Latest, true);
}

/** The fields of the named types, and of what their namespaces hold. */
function listFields(source: ts.SourceFile, types: readonly string[]): { found: Set<string>; fields: Set<string> } {
  const found = new Set<string>();
  const fields = new Set<string>();
  const visit = (node: ts.Node, isWithin: boolean): void => {
    const isNamed =
      (ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node) || ts.isModuleDeclaration(node)) && node.name;
    const own = isNamed ? node.name?.text : undefined;
    const isWanted = isWithin || (own !== undefined && types.includes(own));
    if (own !== undefined && types.includes(own)) found.add(own);
    if (isWanted && (ts.isPropertySignature(node) || ts.isPropertyDeclaration(node)))
      fields.add(node.name.getText(source));
    ts.forEachChild(node, (child) => visit(child, isWanted));
  };
  visit(source, false);
  return { found, fields };
}

describe("what the providers' types say of usage", () => {
  test.each(walks.map((walk) => [walk.file.join("/"), walk] as const))("%s: every field is decided", (_name, walk) => {
    const { found, fields } = listFields(parseTypes(walk.file), walk.types);
    expect([...found].toSorted(), "the types are where they were").toEqual([...walk.types].toSorted());
    expect([...fields].filter((field) => !Object.hasOwn(walk.decisions, field))).toEqual([]);
    expect(fields.size).toBeGreaterThan(1);
  });
});
