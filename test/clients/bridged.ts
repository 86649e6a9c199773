import assert from "node:assert/strict";
import type { Check, Client } from "./check.ts";
import { claude } from "./claude-code.ts";
import { codex } from "./codex.ts";
import { assertFigures, type Seat } from "./stage.ts";

const directives = "in=1200+out=34+read=560";
const figures = { inputTokens: 1_200, outputTokens: 34, cacheReadTokens: 560 };

/** A tool loop on another provider's model, which the model's name alone leads to. */
const toolLoop = (model: string, path: string, run: (seat: Seat, model: string) => Promise<string>): Check => ({
  ...{ name: `tool loop on ${model}`, directives },
  async run(seat) {
    assert.match(await run(seat, model), /turn-222/);
    const events = await seat.booked();
    assert.ok(events.length >= 2, `${events.length} calls were booked`);
    events.forEach((event) => assertFigures(event, figures));
    assert.equal(new Set(events.map(({ session }) => session)).size, 1);
    const paths = new Set(seat.asked().map((asked) => asked.path));
    assert.deepEqual([...paths], [path]);
  },
});

const onClaudeCode = (seat: Seat, model: string) =>
  claude("2.1.330", seat, [
    ...["--model", model, "--dangerously-skip-permissions"],
    'Run this. [[sim:tool=Bash {"command":"echo turn-$((2*111))"}]]',
  ]);
const onCodex = (seat: Seat, model: string) =>
  codex({ version: "0.169.0", model }, seat, 'Run this. [[sim:tool=exec_command {"cmd":"echo turn-$((2*111))"}]]');

/** The command line tools on models of other providers, over the bridges. */
export const bridged: readonly Client[] = [
  {
    ...{ name: "@anthropic-ai/claude-code", version: "2.1.330" },
    checks: [
      toolLoop("gpt-5.5", "/v1/responses", onClaudeCode),
      toolLoop("gemini-3-pro", "/v1beta/models/gemini-3-pro:streamGenerateContent", onClaudeCode),
    ],
  },
  {
    ...{ name: "@openai/codex", version: "0.169.0" },
    checks: [toolLoop("claude-sonnet-5-5", "/v1/messages", onCodex)],
  },
];
