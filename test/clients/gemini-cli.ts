import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Check, Client } from "./check.ts";
import { mustRun } from "./child.ts";
import { fetchProgram } from "./fetch.ts";
import { blockOf, exportsOf } from "./guide.ts";
import { assertFigures, type Seat } from "./stage.ts";

const name = "@google/gemini-cli";
const [present, old] = ["0.61.0", "0.11.3"];
const figures = "in=1200+out=34+read=560";
const booked = { inputTokens: 1_200, outputTokens: 34, cacheReadTokens: 560 };

type Mode = (seat: Seat) => Readonly<Record<string, string>>;

/** As docs/clients.md sets it up, which is as users of claude-relay-service have it. */
const codeAssist: Mode = (seat) => exportsOf("Gemini CLI by sign-in mode", seat);

/** A key and a base URL alone are refused by the CLI itself: it wants the choice in its settings. */
export const apiKey: Mode = (seat) => {
  const home = join(seat.directory, ".gemini");
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "settings.json"), blockOf("Gemini CLI by key", "json", seat));
  return exportsOf("Gemini CLI by key", seat);
};

interface Setup {
  readonly version: string;
  readonly mode: Mode;
  readonly model?: string;
}

/** Gemini CLI without its screen. */
export async function gemini(
  { version, mode, model = "gemini-2.5-pro" }: Setup,
  seat: Seat,
  args: readonly string[],
): Promise<string> {
  return mustRun({
    program: await fetchProgram({ name, version }, "gemini"),
    args: ["-m", model, ...args],
    directory: seat.directory,
    environment: { HOME: seat.directory, GEMINI_CLI_TRUST_WORKSPACE: "true", ...mode(seat) },
  });
}

async function assertBooked(seat: Seat, dialect: string, least: number): Promise<void> {
  const events = (await seat.booked()).filter(({ isStream }) => isStream);
  assert.ok(events.length >= least, `${events.length} calls were booked`);
  events.forEach((event) => assertFigures(event, booked));
  assert.ok(events.every((event) => event.client === "gemini-cli" && event.dialect === dialect));
}

/** The older version's reader of shell commands is not always there yet on a busy machine, and refuses them then. */
function toolFor({ version }: Setup, seat: Seat): string {
  if (version === present) return 'run_shell_command {"command":"expr 111 + 111"}';
  const absolute_path = join(seat.directory, "note.txt");
  writeFileSync(absolute_path, "It says 222.\n");
  return `read_file ${JSON.stringify({ absolute_path })}`;
}

const toolLoop = (title: string, setup: Setup, dialect: string): Check => ({
  name: `${title}: tool loop`,
  directives: figures,
  async run(seat) {
    const tool = `[[sim:tool=${toolFor(setup, seat)}]]`;
    assert.match(await gemini(setup, seat, ["--yolo", "-p", `Run this. ${tool}`]), /The tool answered: [\s\S]*222/);
    await assertBooked(seat, dialect, 2);
  },
});

/** A tool loop holds all that a plain answer does, and the CLI takes its time to start. */
const client = (version: string): Client => ({
  ...{ name, version },
  checks: [
    toolLoop("Code Assist", { version, mode: codeAssist }, "code-assist"),
    toolLoop("API key", { version, mode: apiKey }, "gemini"),
  ],
});

export const geminiCli: readonly Client[] = [client(present), client(old)];
