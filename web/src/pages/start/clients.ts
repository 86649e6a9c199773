import type { Service } from "../accounts/kinds.ts";

export type Shell = "unix" | "powershell" | "cmd";

export interface Step {
  /** Where the text goes: a terminal, or a file by its path. */
  readonly place: "terminal" | string;
  readonly text: string;
  /** A sentence of the dictionary that goes before it. */
  readonly words?: "keep" | "vscode" | "vscodeConfig" | "codexFile" | "geminiFile" | "geminiTrust" | "install";
}

export interface Client {
  readonly name: string;
  readonly label: string;
  readonly service: Service;
  readonly steps: (where: Where) => readonly Step[];
}

export interface Where {
  readonly url: string;
  readonly secret: string;
  readonly shell: Shell;
}

/** Variables of one terminal, as its shell writes them. */
function variables(values: Readonly<Record<string, string>>, shell: Shell): string {
  const line = {
    unix: (name: string, value: string) => `export ${name}="${value}"`,
    powershell: (name: string, value: string) => `$env:${name} = "${value}"`,
    cmd: (name: string, value: string) => `set ${name}=${value}`,
  }[shell];
  return Object.entries(values)
    .map(([name, value]) => line(name, value))
    .join("\n");
}

const profile = /mac/i.test(navigator.userAgent) ? "~/.zshrc" : "~/.bashrc";

/** The same variables for every terminal to come. */
function kept(values: Readonly<Record<string, string>>, shell: Shell): string {
  const entries = Object.entries(values);
  if (shell === "powershell") {
    return entries
      .map(([name, value]) => `[Environment]::SetEnvironmentVariable("${name}", "${value}", "User")`)
      .join("\n");
  }
  if (shell === "cmd") return entries.map(([name, value]) => `setx ${name} "${value}"`).join("\n");
  return `cat >> ${profile} <<'EOF'\n${variables(values, "unix")}\nEOF`;
}

const home = (path: string, shell: Shell) =>
  shell === "unix" ? `~/${path}` : `%USERPROFILE%\\${path.replaceAll("/", "\\")}`;
const json = (value: unknown) => JSON.stringify(value, null, 2);

function terminal(values: Readonly<Record<string, string>>, shell: Shell, command: string): readonly Step[] {
  return [
    { place: "terminal", text: `${variables(values, shell)}\n${command}` },
    { place: "terminal", words: "keep", text: kept(values, shell) },
  ];
}

/** How each program is told to use the relay. What they read was measured with their present versions. */
export const clients: readonly Client[] = [
  {
    name: "claude-code",
    label: "Claude Code",
    service: "claude",
    steps: ({ url, secret, shell }) =>
      terminal({ ANTHROPIC_BASE_URL: `${url}/api/`, ANTHROPIC_AUTH_TOKEN: secret }, shell, "claude"),
  },
  {
    name: "vscode",
    label: "VS Code",
    service: "claude",
    steps: ({ url, secret, shell }) => [
      {
        place: home(".claude/settings.json", shell),
        words: "vscode",
        text: json({ env: { ANTHROPIC_BASE_URL: `${url}/api/`, ANTHROPIC_AUTH_TOKEN: secret } }),
      },
      { place: home(".claude/config.json", shell), words: "vscodeConfig", text: json({ primaryApiKey: "crs" }) },
    ],
  },
  {
    name: "codex",
    label: "Codex CLI",
    service: "openai",
    steps: ({ url, secret, shell }) => [
      {
        place: home(".codex/config.toml", shell),
        words: "codexFile",
        text: `model_provider = "crs"\n\n[model_providers.crs]\nname = "Claude Relay"\nbase_url = "${url}/openai"\nwire_api = "responses"\nenv_key = "CRS_OAI_KEY"`,
      },
      ...terminal({ CRS_OAI_KEY: secret }, shell, "codex"),
    ],
  },
  {
    name: "gemini",
    label: "Gemini CLI",
    service: "gemini",
    steps: ({ url, secret, shell }) => [
      ...terminal(
        { CODE_ASSIST_ENDPOINT: `${url}/gemini`, GOOGLE_CLOUD_ACCESS_TOKEN: secret, GOOGLE_GENAI_USE_GCA: "true" },
        shell,
        "gemini",
      ),
      { place: "terminal", words: "geminiTrust", text: variables({ GEMINI_CLI_TRUST_WORKSPACE: "true" }, shell) },
    ],
  },
  {
    name: "gemini-key",
    label: "Gemini CLI (API key)",
    service: "gemini",
    steps: ({ url, secret, shell }) => [
      {
        place: home(".gemini/settings.json", shell),
        words: "geminiFile",
        text: json({ security: { auth: { selectedType: "gemini-api-key" } } }),
      },
      ...terminal({ GOOGLE_GEMINI_BASE_URL: `${url}/gemini`, GEMINI_API_KEY: secret }, shell, "gemini"),
    ],
  },
  {
    name: "anthropic-sdk",
    label: "Anthropic SDK",
    service: "claude",
    steps: ({ url, secret }) => [
      {
        place: "TypeScript",
        text: `import Anthropic from "@anthropic-ai/sdk";\n\nconst client = new Anthropic({ baseURL: "${url}/api", apiKey: "${secret}" });`,
      },
      {
        place: "Python",
        text: `from anthropic import Anthropic\n\nclient = Anthropic(base_url="${url}/api", api_key="${secret}")`,
      },
    ],
  },
  {
    name: "openai-sdk",
    label: "OpenAI SDK",
    service: "openai",
    steps: ({ url, secret }) => [
      {
        place: "TypeScript",
        text: `import OpenAI from "openai";\n\nconst client = new OpenAI({ baseURL: "${url}/openai/v1", apiKey: "${secret}" });`,
      },
      {
        place: "Python",
        text: `from openai import OpenAI\n\nclient = OpenAI(base_url="${url}/openai/v1", api_key="${secret}")`,
      },
    ],
  },
  {
    name: "google-sdk",
    label: "Google Gen AI SDK",
    service: "gemini",
    steps: ({ url, secret }) => [
      {
        place: "TypeScript",
        text: `import { GoogleGenAI } from "@google/genai";\n\nconst client = new GoogleGenAI({ apiKey: "${secret}", httpOptions: { baseUrl: "${url}/gemini" } });`,
      },
      {
        place: "Python",
        text: `from google import genai\n\nclient = genai.Client(api_key="${secret}", http_options={"base_url": "${url}/gemini"})`,
      },
    ],
  },
  {
    name: "curl",
    label: "curl",
    service: "claude",
    steps: ({ url, secret, shell }) => [
      {
        place: "terminal",
        text:
          shell === "unix"
            ? `curl ${url}/api/v1/messages \\\n  -H "x-api-key: ${secret}" \\\n  -H "anthropic-version: 2023-06-01" \\\n  -H "content-type: application/json" \\\n  -d '{"model":"claude-sonnet-4-5","max_tokens":64,"messages":[{"role":"user","content":"Hello"}]}'`
            : `curl.exe ${url}/api/v1/models -H "x-api-key: ${secret}" -H "anthropic-version: 2023-06-01"`,
      },
    ],
  },
];
