import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Check, Client } from "./check.ts";
import { mustRun } from "./child.ts";
import { fetchProgram } from "./fetch.ts";
import { blockOf, exportsOf } from "./guide.ts";
import { assertFigures, type Seat } from "./stage.ts";

const name = "@openai/codex";
const figures = "in=1200+out=34+read=560";
const booked = { inputTokens: 1_200, outputTokens: 34, cacheReadTokens: 560 };

interface Setup {
  readonly version: string;
  /** More lines for the provider's table. */
  readonly more?: string;
  readonly model?: string;
  readonly config?: (seat: Seat) => string;
}

/** The config.toml of docs/clients.md. */
const ofGuide = (seat: Seat) => blockOf("Codex CLI", "toml", seat);

/** The one that users of claude-relay-service have. */
const ofOldGuide = ({ url }: Seat) => `model_provider = "crs"
model = "gpt-5-codex"
model_reasoning_effort = "high"
disable_response_storage = true
preferred_auth_method = "apikey"

[model_providers.crs]
name = "crs"
base_url = "${url}/openai"
wire_api = "responses"
requires_openai_auth = true
env_key = "CRS_OAI_KEY"`;

/** Codex CLI without its screen. */
export async function codex(
  { version, more = "", model = "gpt-5-codex", config = ofGuide }: Setup,
  seat: Seat,
  prompt: string,
): Promise<string> {
  const home = join(seat.directory, ".codex");
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "config.toml"), `${config(seat)}\n${more}\n`);
  return mustRun({
    program: await fetchProgram({ name, version }, "codex"),
    args: ["exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "-m", model, prompt],
    directory: seat.directory,
    environment: { HOME: seat.directory, CODEX_HOME: home, ...exportsOf("Codex CLI", seat) },
  });
}

async function assertBooked(seat: Seat, least: number): Promise<void> {
  const events = (await seat.booked()).filter(({ operation }) => operation === "responses");
  assert.ok(events.length >= least, `${events.length} calls were booked`);
  events.forEach((event) => assertFigures(event, booked));
  assert.ok(events.every(({ client }) => client === "codex"));
  assert.equal(new Set(events.map(({ session }) => session)).size, 1);
}

const plain = (setup: Setup, title = "plain answer"): Check => ({
  name: title,
  directives: figures,
  async run(seat) {
    assert.match(await codex(setup, seat, "Say it. [[sim:say=The relay says hello]]"), /The relay says hello/);
    await assertBooked(seat, 1);
  },
});

/** What runs a command is called otherwise in each version. */
const tools: Readonly<Record<string, string>> = {
  "0.42.0": 'shell {"command":["bash","-lc","echo turn-$((2*111))"]}',
  "0.63.0": 'shell_command {"command":"echo turn-$((2*111))"}',
};
const latest = 'exec_command {"cmd":"echo turn-$((2*111))"}';

const toolLoop = (setup: Setup, title = "tool loop"): Check => ({
  name: title,
  directives: figures,
  async run(seat) {
    const tool = `[[sim:tool=${tools[setup.version] ?? latest}]]`;
    assert.match(await codex(setup, seat, `Run this. ${tool}`), /The tool answered: [\s\S]*turn-222/);
    await assertBooked(seat, 2);
    const bodies = seat.asked().map(({ body }) => body.toString("utf8"));
    assert.ok(
      bodies.every((body) => !body.includes("previous_response_id")),
      "a turn went up without those before it",
    );
  },
});

const budget = (setup: Setup): Check => ({
  name: "the key's budget is shown",
  directives: figures,
  async run(seat) {
    await seat.spend(20e9, 0.8);
    await codex(setup, seat, "Say it. [[sim:say=Within the budget]]");
    const files = readdirSync(join(seat.directory, ".codex/sessions"), { recursive: true, withFileTypes: true });
    const told = files
      .filter((file) => file.isFile())
      .map((file) => readFileSync(join(file.parentPath, file.name), "utf8"));
    assert.match(told.join("\n"), /"primary":\{"used_percent":80\.0,"window_minutes":1440,/);
    await seat.spend(20e9, 0.2);
    await assert.rejects(codex(setup, seat, "Say it."), /hit your usage limit\. Ask ops@example\.com, or try again at/);
  },
});

/** The line of docs/clients.md with which Codex offers what the key may use. */
const catalogue = (setup: Setup): Check => ({
  name: "the key's models are offered",
  async run(seat) {
    const more = `model_catalog_url = "${seat.url}/openai/models"`;
    await codex({ ...setup, more, model: "gpt-5-mini" }, seat, "Say it. [[sim:say=From the catalogue]]");
    const cache = readFileSync(join(seat.directory, ".codex/models_cache.json"), "utf8");
    assert.match(cache, /openai · \$0\.25 in, \$2 out per million tokens/);
  },
});

const present = "0.171.0";
const sockets = { version: present, more: "supports_websockets = true" };

export const codexCli: readonly Client[] = [
  {
    ...{ name, version: present },
    checks: [
      plain({ version: present }),
      plain({ version: present, config: ofOldGuide }, "older guide: plain answer"),
      toolLoop({ version: present }),
      budget({ version: present }),
      catalogue({ version: present }),
      plain(sockets, "WebSocket: plain answer"),
      toolLoop(sockets, "WebSocket: tool loop"),
    ],
  },
  ...["0.104.0", "0.63.0", "0.42.0"].map((version) => ({
    ...{ name, version },
    checks: [toolLoop({ version, config: ofOldGuide })],
  })),
];
