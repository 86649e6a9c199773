import { simulatedProject } from "../test/upstream/gemini/code-assist.ts";
import { startRelayWith, startProcess } from "./servers.ts";
import { buildAgent, closeAgents, measureRate, median, type Target } from "./load.ts";
import { prepareAccount } from "./prepare.ts";

/**
 * `npm run bench:dialects`: every language passed through, and every bridge, beside a bare pass-through of the client's
 * language, 16 streams at once over the embedded store, an event a turn of the upstream's loop. Rounds alternate; `-- --quick`
 * for a short look, `-- --only Gemini` for the rows with that word.
 */
const isQuick = process.argv.includes("--quick");
const rounds = isQuick ? 3 : 7;
const roundMs = isQuick ? 1_000 : 2_000;
const parallel = 16;

interface Language {
  /** At the relay, and at the provider. */
  readonly path: string;
  readonly providerPath: string;
  readonly secretHeader: "x-api-key" | "authorization" | "x-goog-api-key";
  readonly secret: string;
  /** What else the client says of itself. */
  readonly headers?: Readonly<Record<string, string>>;
  body(model: string): unknown;
}

const words = "x".repeat(1_500);
const messages = [{ role: "user", content: words }];
const codeAssist = "/v1internal:streamGenerateContent?alt=sse";
const gemini = (model: string) => `/v1beta/models/${model}:streamGenerateContent?alt=sse`;

const languages = {
  anthropic: {
    path: "/api/v1/messages",
    providerPath: "/v1/messages",
    secretHeader: "x-api-key",
    secret: "sk-ant-sim-bench",
    body: (model) => ({ model, max_tokens: 1_024, stream: true, messages }),
  },
  responses: {
    path: "/openai/v1/responses",
    providerPath: "/v1/responses",
    secretHeader: "authorization",
    secret: "sk-sim-bench",
    body: (model) => ({ model, stream: true, input: words }),
  },
  chat: {
    path: "/openai/v1/chat/completions",
    providerPath: "/v1/chat/completions",
    secretHeader: "authorization",
    secret: "sk-sim-bench",
    body: (model) => ({ model, stream: true, stream_options: { include_usage: true }, messages }),
  },
  /** The figures are asked for on the way up, and taken out of the answer. */
  chatWithoutUsage: {
    path: "/openai/v1/chat/completions",
    providerPath: "/v1/chat/completions",
    secretHeader: "authorization",
    secret: "sk-sim-bench",
    body: (model) => ({ model, stream: true, messages }),
  },
  codeAssist: {
    path: `/gemini${codeAssist}`,
    providerPath: codeAssist,
    secretHeader: "authorization",
    secret: "ya29-sim-deltas=16",
    headers: { "user-agent": "GeminiCLI-tui/0.61.0/gemini-2.5-pro (linux; x64; terminal)" },
    body: (model) => ({
      model,
      project: simulatedProject,
      request: { contents: [{ role: "user", parts: [{ text: words }] }] },
    }),
  },
  gemini: {
    path: `/gemini${gemini("gemini-2.5-pro")}`,
    providerPath: gemini("gemini-2.5-pro"),
    secretHeader: "x-goog-api-key",
    secret: "sk-sim-deltas=16",
    body: () => ({ contents: [{ role: "user", parts: [{ text: words }] }] }),
  },
} satisfies Record<string, Language>;

interface Subject {
  readonly name: string;
  readonly language: Language;
  readonly kind: "anthropic" | "openai" | "gemini" | "code-assist";
  readonly model: string;
  readonly goal: number;
}

const claude = "claude-sonnet-4-5";
const subjects: readonly Subject[] = [
  { name: "Anthropic Messages", language: languages.anthropic, kind: "anthropic", model: claude, goal: 0.85 },
  { name: "OpenAI Responses", language: languages.responses, kind: "openai", model: "gpt-5-codex", goal: 0.85 },
  { name: "OpenAI Chat", language: languages.chat, kind: "openai", model: "gpt-5-codex", goal: 0.85 },
  {
    name: "OpenAI Chat, usage hidden",
    language: languages.chatWithoutUsage,
    kind: "openai",
    model: "gpt-5-codex",
    goal: 0.85,
  },
  { name: "Gemini", language: languages.gemini, kind: "gemini", model: "gemini-2.5-pro", goal: 0.85 },
  { name: "Code Assist", language: languages.codeAssist, kind: "code-assist", model: "gemini-2.5-pro", goal: 0.85 },
  { name: "OpenAI Chat on Claude", language: languages.chat, kind: "anthropic", model: claude, goal: 0.5 },
  { name: "OpenAI Responses on Claude", language: languages.responses, kind: "anthropic", model: claude, goal: 0.5 },
  { name: "OpenAI Chat on Gemini", language: languages.chat, kind: "gemini", model: "gemini-2.5-pro", goal: 0.5 },
  {
    name: "Anthropic Messages on OpenAI",
    language: languages.anthropic,
    kind: "openai",
    model: "gpt-5-codex",
    goal: 0.5,
  },
  {
    name: "Anthropic Messages on Gemini",
    language: languages.anthropic,
    kind: "gemini",
    model: "gemini-2.5-pro",
    goal: 0.5,
  },
];
const secretOf = {
  ...{ anthropic: "sk-ant-sim-bench", openai: "sk-sim-bench", gemini: "sk-sim-deltas=16" },
  "code-assist": {
    kind: "oauth" as const,
    accessToken: languages.codeAssist.secret,
    extra: { project: simulatedProject },
  },
};

const upstream = await startProcess("../test/upstream/main.ts", ["--port", "0"]);
const bare = await startProcess("passthrough.ts", [upstream.url]);
const keys = new Map<Subject["kind"], string>();
const relay = await startRelayWith(async (env) => {
  for (const kind of ["anthropic", "openai", "gemini", "code-assist"] as const) {
    const account = { kind, baseUrl: upstream.url, isDedicated: true };
    keys.set(kind, await prepareAccount(kind, account, secretOf[kind], env));
  }
});

function target(url: string, language: Language, secret: string, model: string): Target {
  const shown = language.secretHeader === "authorization" ? `Bearer ${secret}` : secret;
  const headers = {
    "content-type": "application/json",
    "anthropic-version": "2023-06-01",
    [language.secretHeader]: shown,
    ...language.headers,
  };
  return { url, headers, body: JSON.stringify(language.body(model)) };
}

const agent = buildAgent();
console.log("| 16 streams at once | relay | bare pass-through | ratio | goal |\n|---|---|---|---|---|");
const only = /--only[ =](\S+)/.exec(process.argv.join(" "))?.[1] ?? "";
for (const { name, language, kind, model, goal } of subjects.filter((each) => each.name.includes(only))) {
  const through = target(bare.url + language.providerPath, language, language.secret, model);
  const relayed = target(relay.url + language.path, language, keys.get(kind) ?? "", model);
  // Some ten thousand calls: V8 makes the last of its machine code so late.
  for (const each of [through, relayed]) await measureRate(agent, each, parallel, 3 * roundMs);
  const [rates, yardsticks, ratios]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    const yardstick = await measureRate(agent, through, parallel, roundMs);
    const rate = await measureRate(agent, relayed, parallel, roundMs);
    yardsticks.push(yardstick);
    rates.push(rate);
    ratios.push(rate / yardstick);
  }
  const [rate, yardstick] = [rates, yardsticks].map((values) => `${Math.round(median(values))} a second`);
  console.log(`| ${name} | ${rate} | ${yardstick} | ${median(ratios).toFixed(2)} × | ≥ ${goal} × |`);
}
await closeAgents();
await Promise.all([relay, bare, upstream].map((server) => server.stop()));
process.exit(0);
