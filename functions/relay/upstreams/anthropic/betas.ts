import { lookUp } from "../../../wire/maps.ts";

/**
 * Betas that a cloud knows, with the name it has there. Clouds refuse a request that names one they do not know ("invalid
 * beta flag"), and Claude Code names a dozen. Sources: docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html
 * and what other gateways have found out (anthropic_beta_headers_config.json of BerriAI/litellm).
 */
const inBoth = same([
  "compact-2026-01-12",
  "computer-use-2025-01-24",
  "computer-use-2025-11-24",
  "context-1m-2025-08-07",
  "context-management-2025-06-27",
  "dangerous-tool-use-2026-09-03",
  "interleaved-thinking-2025-05-14",
  "mid-conversation-output-config-2026-07-01",
  "mid-conversation-tool-changes-2026-07-01",
  "thinking-binding-controls-2026-08-01",
  "thinking-display-updates-2026-08-18",
  "tool-search-tool-2025-10-19",
]);

const known = {
  bedrock: {
    ...inBoth,
    ...same([
      "effort-2025-11-24",
      "fine-grained-tool-streaming-2025-05-14",
      "output-128k-2025-02-19",
      "token-efficient-tools-2025-02-19",
    ]),
    "advanced-tool-use-2025-11-20": "tool-search-tool-2025-10-19",
  },
  vertex: {
    ...inBoth,
    ...same(["per-turn-control-2026-07-01", "web-search-2025-03-05"]),
    "advanced-tool-use-2025-11-20": "tool-search-tool-2025-10-19",
  },
} as const satisfies Record<string, Readonly<Record<string, string>>>;

function same(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, name]));
}

export interface Betas {
  readonly kept: readonly string[];
  /** In words, one per beta that goes no further. */
  readonly rules: readonly string[];
}

/** What of an `anthropic-beta` header a cloud is told; `more` are betas that the account's operator knows it takes. */
export function pickBetas(header: string | undefined, cloud: keyof typeof known, more: string | undefined): Betas {
  const names = list(header);
  const table: Readonly<Record<string, string>> = { ...known[cloud], ...same(list(more)) };
  const kept = new Set(names.flatMap((name) => lookUp(table, name) ?? []));
  const left = names.filter((name) => lookUp(table, name) === undefined);
  return { kept: [...kept], rules: left.map((name) => `beta ${name} left out: not known to ${cloud}`) };
}

function list(text: string | undefined): string[] {
  return (text ?? "").split(",").flatMap((name) => name.trim() || []);
}
