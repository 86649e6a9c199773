import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Check, Client } from "./check.ts";
import { type Command, mustRun, run } from "./child.ts";
import { fetchProgram } from "./fetch.ts";
import { blockOf, exportsOf } from "./guide.ts";
import { assertFigures, figures, type Seat } from "./stage.ts";

const name = "@anthropic-ai/claude-code";

type Reader = Pick<Seat, "url" | "secret" | "directory">;
type Setup = (seat: Reader) => Readonly<Record<string, string>>;

/** The two exports of docs/clients.md. */
const byExports: Setup = (seat) => exportsOf("Claude Code", seat);

/** The file that the extension of VS Code reads, too. */
const byFile: Setup = (seat) => {
  const directory = join(seat.directory, ".claude");
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "settings.json"), blockOf("VS Code", "json", seat));
  return {};
};

/** Claude Code in print mode, set up as docs/clients.md has it. */
export async function claude(
  version: string,
  seat: Reader,
  args: readonly string[],
  setup: Setup = byExports,
): Promise<string> {
  return mustRun(await commandOf(version, seat, args, setup));
}

/** The same where it may fail. */
const tryClaude = async (version: string, seat: Reader, args: readonly string[]) =>
  run(await commandOf(version, seat, args, byExports));

async function commandOf(version: string, seat: Reader, args: readonly string[], setup: Setup): Promise<Command> {
  return {
    program: await fetchProgram({ name, version }, "claude"),
    args: ["-p", ...args],
    directory: seat.directory,
    environment: {
      ...{ HOME: seat.directory, CLAUDE_CONFIG_DIR: `${seat.directory}/.claude`, IS_SANDBOX: "1" },
      ...setup(seat),
      ...{ CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", DISABLE_AUTOUPDATER: "1", DISABLE_TELEMETRY: "1" },
    },
  };
}

const plain = (version: string, setup = byExports, name = "plain answer"): Check => ({
  ...{ name, directives: figures },
  async run(seat) {
    const out = await claude(version, seat, ["Say it. [[sim:say=The relay says hello]]"], setup);
    assert.match(out, /The relay says hello/);
    const events = (await seat.booked()).filter(({ operation }) => operation === "messages");
    assert.ok(events.length > 0, "nothing was booked");
    events.forEach((event) => assertFigures(event));
    assert.ok(events.every(({ client, isStream }) => client === "claude-code" && isStream));
  },
});

const toolLoop = (version: string): Check => ({
  name: "tool loop",
  directives: figures,
  async run(seat) {
    const tools = [1, 2].map((turn) => `[[sim:tool=Bash {"command":"echo turn-$((${turn}*111))"}]]`).join(" ");
    const out = await claude(version, seat, ["--dangerously-skip-permissions", `Run these. ${tools}`]);
    assert.match(out, /The tool answered: turn-222/);
    const events = (await seat.booked()).filter(({ operation }) => operation === "messages");
    assert.ok(events.length >= 3, `${events.length} calls were booked for three turns`);
    events.forEach((event) => assertFigures(event));
    const sessions = new Set(events.map(({ session }) => session));
    assert.ok(sessions.size === 1 && !sessions.has(undefined), `sessions: ${[...sessions].join(", ")}`);
  },
});

/** Claude Code asks again by itself: once for a refusal, once for an answer that broke off. */
const mishap = (version: string, name: string, directives: string, expected: readonly string[]): Check => ({
  ...{ name, directives },
  async run(seat) {
    const out = await claude(version, seat, ["Say it. [[sim:say=Back again]]"]);
    assert.match(out, /Back again/);
    const asked = seat.asked().map(({ status, outcome }) => `${status} ${outcome}`);
    assert.deepEqual(asked, expected);
    assert.equal((await seat.booked()).at(-1)?.outcome, "complete");
  },
});

/** What is left of the key's budget, as the notice is drawn from it; a spent one in one refusal, said in our own sentence. */
const budget = (version: string): Check => ({
  name: "the key's budget is shown",
  directives: figures,
  async run(seat) {
    await seat.spend(20e9, 0.8);
    const print = ["--output-format", "stream-json", "--verbose", "Say it. [[sim:say=Within the budget]]"];
    const told = (await claude(version, seat, print)).split("\n").filter((line) => line.includes("rate_limit_event"));
    assert.match(told.join("\n"), /"utilization":0\.8\b/);
    await seat.spend(20e9, 0.2);
    const spent = await tryClaude(version, seat, ["Say it."]);
    assert.match(spent.out, /^This API key has reached its daily cost limit of \$20\. .* Ask ops@example\.com\.\s*$/);
  },
});

/** The switch that docs/clients.md tells of, with its three lines. */
const asGateway: Setup = (seat) => ({
  ...byExports(seat),
  CLAUDE_CODE_USE_GATEWAY: "1",
  ANTHROPIC_DEFAULT_OPUS_MODEL: "claude-opus-5-5",
  ANTHROPIC_DEFAULT_SONNET_MODEL: "claude-sonnet-5-5",
  ANTHROPIC_DEFAULT_HAIKU_MODEL: "claude-haiku-5-5",
});

const dollars = (version: string): Check => ({
  name: "the key's budget is shown in dollars by /usage",
  async run(seat) {
    await seat.spend(20e9, 0.8);
    assert.match(await claude(version, seat, ["/usage"], asGateway), /\$16\.?0* \/ \$20\.?0* spent today/);
  },
});

export const claudeCode: readonly Client[] = [
  {
    name,
    version: "2.1.332",
    checks: [
      plain("2.1.332"),
      plain("2.1.332", byFile, "settings file: plain answer"),
      toolLoop("2.1.332"),
      budget("2.1.332"),
      dollars("2.1.332"),
      mishap("2.1.332", "overload survived", "529-once", ["529 complete", "200 complete"]),
      mishap("2.1.332", "broken stream survived", "cut=6-once", ["200 broken", "200 complete"]),
    ],
  },
  { name, version: "2.0.76", checks: [toolLoop("2.0.76")] },
  { name, version: "1.0.128", checks: [toolLoop("1.0.128")] },
];
