import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseConfig } from "../../functions/config.ts";
import { readPage, root, withoutComments, type Block } from "./pages.ts";
import { run, standIns } from "./programs.ts";
import { buildWorld, type World } from "./world.ts";

/** The Chinese guides are typed the same: pages.test.ts. */
const files = ["README.md", "CONTRIBUTING.md", ".github/SECURITY.md"].concat(
  readdirSync(join(root, "docs"))
    .filter((file) => file.endsWith(".md") && !file.endsWith(".zh.md"))
    .map((file) => `docs/${file}`),
);
const programs = [...Object.keys(standIns), ...run].join("|");
const isTyped = new RegExp(`^(?:[A-Z_]+=\\S+ )*(?:${programs})(?: |$)`);
const blocks = files.flatMap((file) =>
  readPage(file).blocks.map((block) => ({ file, ...block, language: block.language || guess(block) })),
);

function guess({ text }: Block): string {
  return isTyped.test(text) ? "sh" : "picture";
}

/** What a block must print, by a line in it. */
const prints: readonly (readonly [RegExp, RegExp])[] = [
  [/^openssl rand -hex 64/m, /^[0-9a-f]{128}$/m],
  [/^openssl rand -hex 32/m, /^[0-9a-f]{64}$/m],
  [/^curl .*\/health/m, /"status":"ok"/],
  [/^curl .*\/api\/v1\/messages/m, /Simulated an/],
  [/^curl .*"stream":true/m, /event: message_stop/],
  [/^curl .*\/openai\/v1\/responses/m, /"object":"response"/],
  [/^curl .*\/gemini\/v1beta/m, /"candidates"/],
  [/^curl .*\/api\/v1\/usage/m, /"usage":\{"today"/],
  [/^curl .*\/metrics/m, /^# TYPE relay_/m],
  [/^claude$/m, /"type":"message"/],
  [/^codex$/m, /"object":"response"/],
  [/^export CODE_ASSIST_ENDPOINT/m, /cloudaicompanionProject/],
  [/^export GEMINI_API_KEY/m, /"candidates"/],
  [/--keep-alive=10/, /^put .*-awake: GET .*\/health, \*\/10 \* \* \* \* UTC$/m],
  [/^npx claude-relay export --out/m, /^relay\.backup: \d+ bytes, with all secrets, encrypted\.$/m],
  [/^npx claude-relay import relay/m, /^Imported\./m],
  [/^npx claude-relay setup .* --dry-run$/m, /settings\.json[^]*ANTHROPIC_BASE_URL[^]*Nothing was changed/],
  [/^redis-cli/m, /^PONG$/m],
];

describe("commands in the guides", () => {
  let world: World;
  beforeAll(async () => {
    world = await buildWorld();
  });
  afterAll(() => world.stop());

  const typed = blocks.filter(({ language }) => language === "sh");

  test.each(typed.map((block) => [`${block.file}: ${withoutComments(block.text).split("\n")[0]}`, block] as const))(
    "%s",
    async (_name, { text }) => {
      const { output, calls } = await world.shell(text);
      for (const [line, pattern] of prints) if (line.test(text)) expect(output).toMatch(pattern);
      expect(calls.map(([program = "", ...args]) => standIns[program]?.check(args)).filter(Boolean)).toEqual([]);
    },
  );

  test("what the Docker guide writes into .env is what compose and the relay ask for", async () => {
    const block = typed.find(({ file, text }) => file === "docs/docker.md" && text.includes("cp .env.example .env"));
    await world.shell(block?.text ?? "");
    const made = readFileSync(join(world.home, "claude-relay/.env"), "utf8");
    const values = Object.fromEntries([...made.matchAll(/^([A-Z_]+)=(.+)$/gm)].map(([, name, value]) => [name, value]));
    const { relay } = parse(readFileSync(join(root, "compose.yaml"), "utf8")).services;
    const set = Object.entries(relay.environment as Record<string, string>).map(([name, value]) => {
      const asked = /^\$\{(\w+):\?/.exec(value)?.[1];
      return [name, asked === undefined ? value : values[asked]];
    });
    const config = parseConfig({ ...values, ...Object.fromEntries(set) });
    expect(config).toMatchObject({ REDIS_HOST: "redis", REDIS_PASSWORD: values.REDIS_PASSWORD });
    expect(config.REDIS_PASSWORD).toMatch(/^[0-9a-f]{64}$/);
  });

  test("the line for cron has five fields and asks the relay", async () => {
    const lines = blocks.filter(({ language }) => language === "crontab").map(({ text }) => text.trim());
    expect(lines).toHaveLength(1);
    const [, schedule = "", command = ""] = /^((?:\S+ ){5})(.*)$/.exec(lines[0] ?? "") ?? [];
    expect(schedule).toBe("*/10 * * * * ");
    await world.shell(command);
  });

  test("the SDKs' lines make clients that are answered", async () => {
    const build = <T>(name: string, value: unknown) => {
      const { text } = blocks.find((block) => block.language === "ts" && block.text.includes(`import ${name}`)) ?? {
        text: "",
      };
      const code = world.fill(text.replace(/^import .*$/m, ""));
      return new Function(name.replace(/\W/g, ""), `${code}; return client;`)(value) as T;
    };
    const anthropic = build<Anthropic>("Anthropic", Anthropic);
    const messages = [{ role: "user" as const, content: "hi" }];
    expect((await anthropic.messages.create({ model: "claude-sonnet-5", max_tokens: 8, messages })).type).toBe(
      "message",
    );
    const openai = build<OpenAI>("OpenAI", OpenAI);
    expect((await openai.responses.create({ model: "gpt-5", input: "hi" })).object).toBe("response");
    const google = build<GoogleGenAI>("{ GoogleGenAI }", GoogleGenAI);
    expect((await google.models.generateContent({ model: "gemini-2.5-pro", contents: "hi" })).candidates).toHaveLength(
      1,
    );
  });

  test("Python's SDKs, which are not here, get the addresses of the others", () => {
    const addresses = (language: string) =>
      blocks
        .filter((block) => block.language === language)
        .map(({ text }) => /"(https:[^"]+)"/.exec(text)?.[1])
        .sort();
    expect(addresses("python")).toEqual(addresses("ts"));
  });

  test("no block is of a kind that nothing looks at", () => {
    // PowerShell and cmd set what sh exports (pages.test.ts); Caddy's file is three lines of another's format.
    const looked = ["sh", "ts", "python", "crontab", "text", "json", "yaml", "toml", "ini", "powershell", "bat"];
    const kinds = new Set(blocks.map(({ language }) => language));
    expect([...kinds].filter((kind) => ![...looked, "caddyfile", "picture"].includes(kind))).toEqual([]);
  });

  test("commands within sentences are ones that exist", () => {
    const spans = files.flatMap((file) =>
      readPage(file).spans.filter((span) => span.includes(" ") && isTyped.test(span)),
    );
    expect(spans.length).toBeGreaterThan(20);
    const wrong = spans.flatMap((span) => span.split(" && ")).map(checkSpan);
    expect(wrong.filter((problem) => problem !== undefined)).toEqual([]);
  });
});

/** `<…>` stands for something of the reader's. */
function checkSpan(span: string): string | undefined {
  const [program = "", ...args] = span
    .replace(/<[^>]*>/g, "X")
    .replace(/^(?:[A-Z_]+=\S+ )+/, "")
    .split(" ");
  const problem = run.includes(program) ? undefined : standIns[program]?.check(args);
  return problem === undefined ? undefined : `${span}: ${problem}`;
}
