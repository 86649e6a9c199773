import assert from "node:assert/strict";
import type { Check, Client } from "./check.ts";
import { claude } from "./claude-code.ts";
import { codex } from "./codex.ts";
import { apiKey, gemini } from "./gemini-cli.ts";
import { assertFigures, type Seat } from "./stage.ts";

const directives = "in=1200+out=34+read=560";
const figures = { inputTokens: 1_200, outputTokens: 34, cacheReadTokens: 560 };

/** Long enough for a history of the client's own to go back over the bridge several times. */
const turns = [1, 2, 3, 4, 5, 6];

interface Program {
  /** Runs a prompt in one session; with `more`, a second one that resumes it. */
  run(seat: Seat, model: string, prompt: string, more?: string): Promise<string>;
  /** The tool call that echoes a number times 111. */
  tool(turn: number): string;
}

const claudeCode: Program = {
  async run(seat, model, prompt, more) {
    const args = ["--model", model, "--dangerously-skip-permissions"];
    const first = await claude("2.1.332", seat, [...args, prompt]);
    return more === undefined ? first : first + (await claude("2.1.332", seat, [...args, "--continue", more]));
  },
  tool: (turn) => `Bash {"command":"echo turn-$((${turn}*111))"}`,
};
const codexCli: Program = {
  run: (seat, model, prompt) => codex({ version: "0.171.0", model }, seat, prompt),
  tool: (turn) => `exec_command {"cmd":"echo turn-$((${turn}*111))"}`,
};
const geminiCli = (mode: typeof apiKey): Program => ({
  run: (seat, model, prompt) => gemini({ version: "0.61.0", mode, model }, seat, ["--yolo", "-p", prompt]),
  tool: (turn) => `run_shell_command {"command":"expr ${turn} \\\\* 111"}`,
});

interface Direction {
  readonly model: string;
  readonly path: string;
  readonly language?: "chat" | "responses";
}

const claudeModel: Direction = { model: "claude-sonnet-5-5", path: "/v1/messages" };
const responses: Direction = { model: "gpt-5.5", path: "/v1/responses", language: "responses" };
const chat: Direction = { model: "gpt-5.5", path: "/v1/chat/completions", language: "chat" };
const geminiModel: Direction = {
  ...{ model: "gemini-3-pro", path: "/v1beta/models/gemini-3-pro:streamGenerateContent" },
};

/** A long tool loop on another provider's model, which the model's name and the account's language lead to. */
const toolLoop = (program: Program, { model, path, language }: Direction, title = ""): Check => ({
  name: `${title}tool loop on ${path}`,
  directives,
  ...(language === undefined ? {} : { openaiLanguage: language }),
  async run(seat) {
    const tools = turns.map((turn) => `[[sim:tool=${program.tool(turn)}]]`).join(" ");
    assert.match(await program.run(seat, model, `Run these. ${tools}`), /666/);
    const events = (await seat.booked()).filter(({ isStream }) => isStream);
    assert.ok(events.length > turns.length, `${events.length} calls were booked`);
    events.forEach((event) => assertFigures(event, figures));
    assert.equal(new Set(events.map(({ session }) => session)).size, 1);
    const paths = new Set(seat.asked().map((asked) => asked.path));
    assert.ok(paths.has(path), `asked at ${[...paths].join(", ")}`);
    const strange = seat.asked().filter(({ status }) => status >= 400);
    assert.deepEqual(strange, []);
  },
});

/** A session that is left and taken up again. */
const resumed = (program: Program, { model, path, language }: Direction): Check => ({
  name: `resumed session on ${path}`,
  directives,
  ...(language === undefined ? {} : { openaiLanguage: language }),
  async run(seat) {
    const first = `Run this. [[sim:tool=${program.tool(2)}]]`;
    const out = await program.run(seat, model, first, "Say it. [[sim:say=Back again]]");
    assert.match(out, /222[\s\S]*Back again/);
    (await seat.booked()).forEach((event) => assertFigures(event, figures));
  },
});

/** The command line tools on models of other providers, over the bridges. */
export const bridged: readonly Client[] = [
  {
    ...{ name: "@anthropic-ai/claude-code", version: "2.1.332" },
    checks: [
      ...[responses, chat, geminiModel].map((direction) => toolLoop(claudeCode, direction)),
      resumed(claudeCode, chat),
    ],
  },
  {
    ...{ name: "@openai/codex", version: "0.171.0" },
    checks: [claudeModel, chat, geminiModel].map((direction) => toolLoop(codexCli, direction)),
  },
  {
    ...{ name: "@google/gemini-cli", version: "0.61.0" },
    checks: [...[claudeModel, responses, chat].map((direction) => toolLoop(geminiCli(apiKey), direction, "API key: "))],
  },
];
