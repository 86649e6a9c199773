import { accountKinds, signInKinds } from "../../api/offered.ts";

export type Service = "claude" | "openai" | "gemini" | "azure";

/** A place that an account can be at, as the console tells of it. `words` names its sentences in the dictionary. */
export interface Kind {
  readonly kind: string;
  readonly label: string;
  readonly service: Service;
  readonly credential: "api-key" | "oauth" | "aws";
  readonly words:
    "anthropic" | "claude" | "openai" | "chatgpt" | "azure" | "gemini" | "code-assist" | "bedrock" | "vertex" | "other";
  /** Two letters and a colour instead of a trade mark. */
  readonly sign: string;
  readonly colour: string;
  /** Where one gets an API key. */
  readonly keysAt?: string;
  readonly secretLooksLike?: string;
  /** The kind has no address of its own: one must be given. */
  readonly needsBaseUrl?: true;
  /** The secret is a file of several lines. */
  readonly isFile?: true;
  /** Settings that this kind reads, each with an example. */
  readonly settings?: Readonly<Record<string, string>>;
}

const catalogue: readonly Kind[] = [
  {
    kind: "claude",
    label: "Claude",
    service: "claude",
    credential: "oauth",
    words: "claude",
    sign: "Cl",
    colour: "#b4552d",
  },
  {
    kind: "anthropic",
    label: "Anthropic API",
    service: "claude",
    credential: "api-key",
    words: "anthropic",
    sign: "An",
    colour: "#8a5a3c",
    keysAt: "https://console.anthropic.com/settings/keys",
    secretLooksLike: "sk-ant-…",
  },
  {
    kind: "bedrock",
    label: "AWS Bedrock",
    service: "claude",
    credential: "aws",
    words: "bedrock",
    sign: "Be",
    colour: "#0f766e",
    settings: { region: "us-east-1" },
  },
  {
    kind: "vertex",
    label: "Google Vertex AI",
    service: "claude",
    credential: "api-key",
    words: "vertex",
    sign: "Ve",
    colour: "#2563a8",
    isFile: true,
    settings: { region: "global", project: "my-project" },
  },
  {
    kind: "chatgpt",
    label: "ChatGPT (Codex)",
    service: "openai",
    credential: "oauth",
    words: "chatgpt",
    sign: "CG",
    colour: "#0d7a5f",
  },
  {
    kind: "openai",
    label: "OpenAI API",
    service: "openai",
    credential: "api-key",
    words: "openai",
    sign: "OA",
    colour: "#3f3f46",
    keysAt: "https://platform.openai.com/api-keys",
    secretLooksLike: "sk-…",
  },
  {
    kind: "azure-openai",
    label: "Azure OpenAI",
    service: "azure",
    credential: "api-key",
    words: "azure",
    sign: "Az",
    colour: "#1d5fb4",
    needsBaseUrl: true,
  },
  {
    kind: "code-assist",
    label: "Google Code Assist",
    service: "gemini",
    credential: "oauth",
    words: "code-assist",
    sign: "CA",
    colour: "#6d45b8",
  },
  {
    kind: "gemini",
    label: "Gemini API",
    service: "gemini",
    credential: "api-key",
    words: "gemini",
    sign: "Ge",
    colour: "#4553b8",
    keysAt: "https://aistudio.google.com/apikey",
    secretLooksLike: "AIza…",
  },
];

/** How the console tells of a kind; one that it does not know is told by its name. */
export function kindOf(kind: string): Kind {
  const known = catalogue.find((one) => one.kind === kind);
  if (known) return known;
  const credential = signInKinds.includes(kind) ? "oauth" : "api-key";
  return {
    kind,
    label: kind,
    service: "claude",
    credential,
    words: "other",
    sign: kind.slice(0, 2),
    colour: "#52525b",
  };
}

/** The kinds that the API offers, in the order of the catalogue. */
export const offeredKinds: readonly Kind[] = [
  ...catalogue.filter(({ kind }) => accountKinds.includes(kind)),
  ...accountKinds.filter((kind) => !catalogue.some((one) => one.kind === kind)).map(kindOf),
];

export const offeredServices: readonly Service[] = [...new Set(offeredKinds.map(({ service }) => service))];
