import type { Service } from "../accounts/kinds.ts";

export const systems = ["macos", "linux", "powershell", "cmd"] as const;
export type System = (typeof systems)[number];

/** What the examples ask for: models that accounts of each service have. */
const models = { claude: "claude-sonnet-5", openai: "gpt-5.1", gemini: "gemini-2.5-flash" };

export interface Step {
  /** Where the text goes: a terminal, or a file by its path. */
  readonly place: "terminal" | string;
  readonly text: string;
  /** A sentence of the dictionary that goes before it. */
  readonly words?:
    | "keep"
    | "vscode"
    | "vscodeConfig"
    | "codexFile"
    | "geminiFile"
    | "geminiTrust"
    | "js"
    | "python"
    | "cursor"
    | "form"
    | "opencode"
    | "ccSwitch";
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
  readonly system: System;
}

const toExport = (name: string, value: string) => `export ${name}="${value}"`;

/** Variables of one terminal, as its shell writes them. */
function variables(values: Readonly<Record<string, string>>, system: System): string {
  const line = {
    macos: toExport,
    linux: toExport,
    powershell: (name: string, value: string) => `$env:${name} = "${value}"`,
    cmd: (name: string, value: string) => `set ${name}=${value}`,
  }[system];
  return Object.entries(values)
    .map(([name, value]) => line(name, value))
    .join("\n");
}

/** The same variables for every terminal to come. */
function kept(values: Readonly<Record<string, string>>, system: System): string {
  const entries = Object.entries(values);
  if (system === "powershell") {
    return entries
      .map(([name, value]) => `[Environment]::SetEnvironmentVariable("${name}", "${value}", "User")`)
      .join("\n");
  }
  if (system === "cmd") return entries.map(([name, value]) => `setx ${name} "${value}"`).join("\n");
  const profile = system === "macos" ? "~/.zshrc" : "~/.bashrc";
  return `cat >> ${profile} <<'EOF'\n${variables(values, system)}\nEOF`;
}

function home(path: string, system: System): string {
  if (system === "powershell") return `$HOME\\${path.replaceAll("/", "\\")}`;
  return system === "cmd" ? `%USERPROFILE%\\${path.replaceAll("/", "\\")}` : `~/${path}`;
}
const json = (value: unknown) => JSON.stringify(value, null, 2);

function terminal(values: Readonly<Record<string, string>>, system: System, command: string): readonly Step[] {
  return [
    { place: "terminal", text: `${variables(values, system)}\n${command}` },
    { place: "terminal", words: "keep", text: kept(values, system) },
  ];
}

/** With this behind its key Claude Code shows what is left of the key's budget; the relay reads a key up to its first dot. */
const showsBudget = (secret: string) => `${secret}.eyJhdWQiOiJjbGF1ZGUtZ2F0ZXdheSJ9.x`;

/** Fields of a program's own settings, by the labels that they have there. */
const form = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([label, value]) => `${label}: ${value}`)
    .join("\n");

/** CC Switch adds a provider from such an address, after its user has confirmed it. */
const ccSwitch = (app: string, endpoint: string, apiKey: string): string =>
  `ccswitch://v1/import?${["resource=provider", `app=${app}`, "name=Claude%20Relay"].join("&")}`.concat(
    `&endpoint=${encodeURIComponent(endpoint)}&apiKey=${encodeURIComponent(apiKey)}`,
  );

/** How each program is told to use the relay. What they read was measured with their present versions. */
export const clients: readonly Client[] = [
  {
    name: "claude-code",
    label: "Claude Code",
    service: "claude",
    steps: ({ url, secret, system }) =>
      terminal({ ANTHROPIC_BASE_URL: `${url}/api/`, ANTHROPIC_AUTH_TOKEN: showsBudget(secret) }, system, "claude"),
  },
  {
    name: "vscode",
    label: "VS Code extension",
    service: "claude",
    steps: ({ url, secret, system }) => [
      {
        place: home(".claude/settings.json", system),
        words: "vscode",
        text: json({ env: { ANTHROPIC_BASE_URL: `${url}/api/`, ANTHROPIC_AUTH_TOKEN: showsBudget(secret) } }),
      },
      { place: home(".claude/config.json", system), words: "vscodeConfig", text: json({ primaryApiKey: "crs" }) },
    ],
  },
  {
    name: "codex",
    label: "Codex CLI",
    service: "openai",
    steps: ({ url, secret, system }) => [
      {
        place: home(".codex/config.toml", system),
        words: "codexFile",
        text: `model_provider = "crs"\n\n[model_providers.crs]\nname = "Claude Relay"\nbase_url = "${url}/openai"\nwire_api = "responses"\nenv_key = "CRS_OAI_KEY"`,
      },
      ...terminal({ CRS_OAI_KEY: secret }, system, "codex"),
    ],
  },
  {
    name: "gemini",
    label: "Gemini CLI",
    service: "gemini",
    steps: ({ url, secret, system }) => [
      ...terminal(
        { CODE_ASSIST_ENDPOINT: `${url}/gemini`, GOOGLE_CLOUD_ACCESS_TOKEN: secret, GOOGLE_GENAI_USE_GCA: "true" },
        system,
        "gemini",
      ),
      { place: "terminal", words: "geminiTrust", text: variables({ GEMINI_CLI_TRUST_WORKSPACE: "true" }, system) },
    ],
  },
  {
    name: "gemini-key",
    label: "Gemini CLI (API key)",
    service: "gemini",
    steps: ({ url, secret, system }) => [
      {
        place: home(".gemini/settings.json", system),
        words: "geminiFile",
        text: json({ security: { auth: { selectedType: "gemini-api-key" } } }),
      },
      ...terminal({ GOOGLE_GEMINI_BASE_URL: `${url}/gemini`, GEMINI_API_KEY: secret }, system, "gemini"),
    ],
  },
  {
    name: "cursor",
    label: "Cursor",
    service: "claude",
    steps: ({ url, secret }) => [
      {
        place: "Cursor Settings → Models",
        words: "cursor",
        text: form({
          "OpenAI API Key": secret,
          "Override OpenAI Base URL": `${url}/openai/v1`,
          "Add Custom Model": models.claude,
        }),
      },
    ],
  },
  {
    name: "cline",
    label: "Cline",
    service: "claude",
    steps: ({ url, secret }) => [
      {
        place: "Cline → Settings → API Configuration",
        words: "form",
        text: form({ "API Provider": "Anthropic", "Anthropic API Key": secret, "Use custom base URL": `${url}/api` }),
      },
    ],
  },
  {
    name: "opencode",
    label: "opencode",
    service: "claude",
    steps: ({ url, secret, system }) => [
      {
        place: home(".config/opencode/opencode.json", system),
        words: "opencode",
        text: json({
          $schema: "https://opencode.ai/config.json",
          provider: { anthropic: { options: { baseURL: `${url}/api/v1`, apiKey: secret } } },
        }),
      },
    ],
  },
  {
    name: "cherry-studio",
    label: "Cherry Studio",
    service: "claude",
    steps: ({ url, secret }) => [
      {
        place: "Cherry Studio → Settings → Model Provider → Add",
        words: "form",
        text: form({ "Provider Type": "Anthropic", "API Key": secret, "API Host": `${url}/api`, Model: models.claude }),
      },
    ],
  },
  {
    name: "cc-switch",
    label: "CC Switch",
    service: "claude",
    steps: ({ url, secret }) => [
      { place: "Claude Code", words: "ccSwitch", text: ccSwitch("claude", `${url}/api`, showsBudget(secret)) },
      { place: "Codex CLI", text: `${ccSwitch("codex", `${url}/openai`, secret)}&model=${models.openai}` },
    ],
  },
  {
    name: "anthropic-sdk",
    label: "Anthropic SDK",
    service: "claude",
    steps: ({ url, secret, system }) =>
      sdk({
        system,
        values: { ANTHROPIC_BASE_URL: `${url}/api`, ANTHROPIC_API_KEY: secret },
        packages: ["@anthropic-ai/sdk", "anthropic"],
        js: `import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic();
const message = await client.messages.create({
  model: "${models.claude}",
  max_tokens: 64,
  messages: [{ role: "user", content: "Hello" }],
});
console.log(message.content);`,
        python: `from anthropic import Anthropic

client = Anthropic()
message = client.messages.create(
    model="${models.claude}",
    max_tokens=64,
    messages=[{"role": "user", "content": "Hello"}],
)
print(message.content)`,
      }),
  },
  {
    name: "openai-sdk",
    label: "OpenAI SDK",
    service: "openai",
    steps: ({ url, secret, system }) =>
      sdk({
        system,
        values: { OPENAI_BASE_URL: `${url}/openai/v1`, OPENAI_API_KEY: secret },
        packages: ["openai", "openai"],
        js: `import OpenAI from "openai";

const client = new OpenAI();
const response = await client.responses.create({ model: "${models.openai}", input: "Hello" });
console.log(response.output_text);`,
        python: `from openai import OpenAI

client = OpenAI()
response = client.responses.create(model="${models.openai}", input="Hello")
print(response.output_text)`,
      }),
  },
  {
    name: "google-sdk",
    label: "Google Gen AI SDK",
    service: "gemini",
    steps: ({ url, secret, system }) =>
      sdk({
        system,
        values: { GOOGLE_GEMINI_BASE_URL: `${url}/gemini`, GEMINI_API_KEY: secret },
        packages: ["@google/genai", "google-genai"],
        js: `import { GoogleGenAI } from "@google/genai";

const client = new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY });
const response = await client.models.generateContent({ model: "${models.gemini}", contents: "Hello" });
console.log(response.text);`,
        python: `from google import genai

client = genai.Client()
response = client.models.generate_content(model="${models.gemini}", contents="Hello")
print(response.text)`,
      }),
  },
  {
    name: "curl",
    label: "curl",
    service: "claude",
    steps: ({ url, secret, system }) => [{ place: "terminal", text: curl(`${url}/api/v1/messages`, secret, system) }],
  },
];

interface Sdk {
  readonly system: System;
  /** What the SDK reads by itself, so that no secret stands in a program. */
  readonly values: Readonly<Record<string, string>>;
  /** Its npm and its PyPI package. */
  readonly packages: readonly [string, string];
  readonly js: string;
  readonly python: string;
}

function sdk({ system, values, packages: [npm, pypi], js, python }: Sdk): readonly Step[] {
  return [
    { place: "terminal", text: variables(values, system) },
    { place: "hello.mjs", words: "js", text: js },
    { place: "terminal", text: `npm install ${npm}\nnode hello.mjs` },
    { place: "hello.py", words: "python", text: python },
    { place: "terminal", text: `pip install ${pypi}\npython hello.py` },
    { place: "terminal", words: "keep", text: kept(values, system) },
  ];
}

function curl(address: string, secret: string, system: System): string {
  const body = JSON.stringify({
    model: models.claude,
    max_tokens: 64,
    messages: [{ role: "user", content: "Hello" }],
  });
  if (system === "powershell") {
    return `Invoke-RestMethod ${address} -Method Post -ContentType "application/json" `
      .concat(`-Headers @{ "x-api-key" = "${secret}"; "anthropic-version" = "2023-06-01" } `)
      .concat(`-Body '${body}'`);
  }
  const headers = [`x-api-key: ${secret}`, "anthropic-version: 2023-06-01", "content-type: application/json"];
  const options = headers.map((header) => `-H "${header}"`);
  if (system === "cmd") return ["curl", address, ...options, `-d "${body.replaceAll('"', '\\"')}"`].join(" ");
  return [`curl ${address}`, ...options, `-d '${body}'`].join(" \\\n  ");
}
