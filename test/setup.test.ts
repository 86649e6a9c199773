import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse as parseToml } from "@decimalturn/toml-patch";
import { parse as parseJson } from "jsonc-parser";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseConfig } from "../functions/config.ts";
import { startServer, type RunningServer } from "../functions/runtimes/node/node.ts";
import { buildSetup } from "../scripts/build.ts";
import { cli } from "../scripts/cli.ts";
import type { Terminal } from "../scripts/cli/command.ts";
import { testEnvironment } from "./environment.ts";
import { addAccount, addKey } from "./rig.ts";
import { startUpstream, type Upstream } from "./upstream/upstream.ts";

/** `claude-relay setup` against a relay that serves, in homes of every kind. */
const scratch = mkdtempSync(join(tmpdir(), "relay-setup-"));
let relay: RunningServer;
let upstream: Upstream;
let secret: string;

beforeAll(async () => {
  const web = join(scratch, "web");
  await buildSetup(web);
  upstream = await startUpstream();
  const config = parseConfig({ ...testEnvironment, PORT: "0", HOST: "127.0.0.1", DATA_DIR: join(scratch, "data") });
  relay = await startServer({ config, write: () => undefined, consoleDirectory: web });
  await addAccount(relay.env, { baseUrl: upstream.url }, { kind: "api-key", secret: "sk-sim" });
  ({ secret } = await addKey(relay.env, { name: "mine" }));
}, 120_000);
afterAll(async () => {
  await relay.close(0);
  await upstream.stop();
  rmSync(scratch, { recursive: true, force: true });
});

/** A home directory of its own, so that the tests may run beside each other: each waits for a cost to be told. */
function openHome() {
  const home = mkdtempSync(join(scratch, "home-"));
  return {
    home,
    async setup(args: readonly string[] = [], more: Record<string, string> = {}) {
      const lines: string[] = [];
      const terminal: Terminal = {
        environment: { HOME: home, CLAUDE_RELAY_KEY: secret, ...more },
        say: (line) => void lines.push(line),
        askSecret: () => Promise.resolve(undefined),
        isYes: () => Promise.resolve(false),
      };
      const code = await cli(["setup", ...(args.includes("--undo") ? [] : [relay.url]), ...args], terminal);
      return { code, text: lines.join("\n") };
    },
    put(path: string, text: string, mode = 0o644) {
      mkdirSync(dirname(join(home, path)), { recursive: true });
      writeFileSync(join(home, path), text, { mode });
    },
    read: (path: string) => readFileSync(join(home, path), "utf8"),
    /** Every file with its bytes and mode, and every directory. */
    snapshot: () =>
      readdirSync(home, { recursive: true, withFileTypes: true })
        .map((entry) => join(entry.parentPath, entry.name))
        .sort()
        .map((path) => {
          const { mode } = statSync(path);
          return statSync(path).isFile() ? [path, mode, readFileSync(path).toString("base64")] : [path, mode];
        }),
  };
}

const jsonFiles: readonly (readonly [string, string])[] = [
  ["none", ""],
  ["an empty object", "{}"],
  [
    "comments, and a comma too many",
    '// mine\n{\n  // the model\n  "model": "opus", /* best */\n  "env": {\n    "A": "1", // keep\n  },\n}\n',
  ],
  ["tabs", '{\n\t"permissions": {\n\t\t"allow": ["Bash(ls)"]\n\t}\n}\n'],
  ["line ends of Windows and a byte order mark", '\uFEFF{\r\n  "env": { "A": "ü" }\r\n}\r\n'],
  ["no line end", '{"env":{"ANTHROPIC_BASE_URL":"https://old/api/","B":"2"},"x":[1,2]}'],
];
const tomlFiles: readonly (readonly [string, string])[] = [
  ["none", ""],
  [
    "comments and another provider",
    '# mine\nmodel = "gpt-5.5" # best\n\n[features]\nx = true # keep\n\n[model_providers.other]\nname = "o"\nbase_url="u"\n',
  ],
  ["line ends of Windows", 'model = "a"\r\n# c\r\n[x]\r\ny = 1979-05-27T07:32:00Z # d\r\n'],
  [
    "the provider already, older",
    'model_provider = "crs"\n[model_providers.crs]\nname = "old"\n# why\nbase_url = "b"\nextra = 3\n',
  ],
  [
    "lists of tables, odd numbers",
    '[mcp_servers.a]\nargs = [\n  "1", # one\n  "2",\n]\n\n[[list]]\nq = 1e3\n[[list]]\nq = 0x1F',
  ],
  ["providers in one line", 'model_providers = { other = { name = "x" } } # why\n'],
];
const comments = (text: string) => text.match(/(?<!:)(?:\/\/|\/\*|# ).*$/gm) ?? [];

/** What Claude Code takes for a gateway's key, and shows its budget with. */
const showsBudget = () => `${secret}.eyJhdWQiOiJjbGF1ZGUtZ2F0ZXdheSJ9.x`;

describe("setup writes what a program needs and nothing else", () => {
  test.concurrent.each(jsonFiles)(
    "settings.json with %s",
    async (_what, text) => {
      const { setup, put, read } = openHome();
      if (text !== "") put(".claude/settings.json", text);
      expect((await setup(["--yes"])).code).toBe(0);
      const written = read(".claude/settings.json");
      const before = (parseJson(text.replace(/^\uFEFF/, "")) ?? {}) as { env?: object };
      const env = { ...before.env, ANTHROPIC_BASE_URL: `${relay.url}/api/`, ANTHROPIC_AUTH_TOKEN: showsBudget() };
      expect(parseJson(written.replace(/^\uFEFF/, ""))).toEqual({ ...before, env });
      for (const comment of comments(text)) expect(written).toContain(comment.trim());
      expect(written.startsWith("\uFEFF")).toBe(text.startsWith("\uFEFF"));
      if (text.includes("\r\n")) expect(written.replaceAll("\r\n", "")).not.toContain("\n");
      if (text.includes("\t")) expect(written).toMatch(/^\t"env"/m);
    },
    60_000,
  );

  test.concurrent.each(tomlFiles)(
    "config.toml with %s",
    async (_what, text) => {
      const { setup, put, read } = openHome();
      put(".codex/config.toml", text);
      expect((await setup(["--yes", "--only", "codex"])).code).toBe(0);
      const written = read(".codex/config.toml");
      const before = parseToml(text) as { model_providers?: { crs?: object } };
      const crs = {
        ...before.model_providers?.crs,
        ...{ name: "Claude Relay", base_url: `${relay.url}/openai`, wire_api: "responses", env_key: "CRS_OAI_KEY" },
      };
      const model_providers = { ...before.model_providers, crs };
      expect(parseToml(written)).toEqual({ ...before, model_provider: "crs", model_providers });
      for (const comment of comments(text)) expect(written).toContain(comment.trim());
      if (text.includes("\r\n")) expect(written.replaceAll("\r\n", "")).not.toContain("\n");
      expect(read(".codex/.env")).toBe(`CRS_OAI_KEY=${secret}\n`);
    },
    60_000,
  );

  test.concurrent(
    "Gemini's settings and its .env, of which other lines stay",
    async () => {
      const { setup, put, read } = openHome();
      put(".gemini/settings.json", '{\n  "ui": { "theme": "x" } // mine\n}\n');
      put(".gemini/.env", "# mine\nGEMINI_API_KEY=old\nexport OTHER=1");
      expect((await setup(["--yes", "--only", "gemini"])).code).toBe(0);
      expect(read(".gemini/.env")).toBe(
        `# mine\nGEMINI_API_KEY=${secret}\nexport OTHER=1\nGOOGLE_GEMINI_BASE_URL=${relay.url}/gemini\n`,
      );
      expect(parseJson(read(".gemini/settings.json"))).toEqual({
        ui: { theme: "x" },
        security: { auth: { selectedType: "gemini-api-key" } },
      });
    },
    60_000,
  );

  test.concurrent(
    "of the programs that are here, keeps files to their owner, tells the key to nobody, and its cost to the reader",
    async () => {
      const { home, setup, put } = openHome();
      put(".vscode/argv.json", "{}");
      put(".gemini/x", "");
      const { code, text } = await setup(["--yes"]);
      expect(code).toBe(0);
      for (const path of [".claude/settings.json", ".claude/config.json", ".gemini/settings.json", ".gemini/.env"])
        expect(statSync(join(home, path)).mode & 0o777, path).toBe(0o600);
      expect(readdirSync(home)).not.toContain(".codex");
      expect(text).not.toContain(secret);
      expect(text).toMatch(/The relay knows this key as "mine"/);
      expect(text).toMatch(/^claude-\S+ answered in \d+ ms, for \$0\.\d*[1-9]\d*\.$/m);
      expect(upstream.requests.at(-1)?.path).toBe("/v1/messages");
      expect((await setup(["--yes"])).text).toContain("Every file says so already.");
    },
    60_000,
  );
});

describe("nothing is changed", () => {
  const furnish = (put: ReturnType<typeof openHome>["put"]) => {
    put(".claude/settings.json", jsonFiles[2]?.[1] ?? "", 0o640);
    put(".codex/config.toml", tomlFiles[2]?.[1] ?? "");
    put(".gemini/.env", "A=1");
  };

  test.concurrent("by --dry-run, which shows what would be", async () => {
    const { setup, snapshot, put } = openHome();
    furnish(put);
    const before = snapshot();
    const { code, text } = await setup(["--dry-run"]);
    expect([code, snapshot()]).toEqual([0, before]);
    expect(text).toMatch(/settings\.json\n {2}- {5}"A": "1", \/\/ keep\n {2}\+/);
    expect(text).toContain("[model_providers.crs]");
    expect(text).not.toContain(secret);
  });

  test.concurrent(
    "in the end, after --undo: every file as it was, byte for byte, after two runs too",
    async () => {
      const { setup, snapshot, put } = openHome();
      furnish(put);
      const before = snapshot();
      await setup(["--yes"]);
      await setup(["--yes"], { CLAUDE_RELAY_KEY: (await addKey(relay.env, {})).secret });
      expect(snapshot()).not.toEqual(before);
      expect((await setup(["--undo"])).code).toBe(0);
      expect(snapshot()).toEqual(before);
      expect((await setup(["--undo"])).text).toBe("There is nothing to undo.");
    },
    60_000,
  );

  test.concurrent(
    "of a file that somebody changed since, by --undo, which says so",
    async () => {
      const { setup, put, read } = openHome();
      furnish(put);
      await setup(["--yes"]);
      put(".codex/config.toml", "mine = 1\n");
      const { code, text } = await setup(["--undo"]);
      expect([code, read(".codex/config.toml")]).toEqual([1, "mine = 1\n"]);
      expect(text).toMatch(/Left \S+config\.toml: it was changed since/);
      expect(read(".claude/settings.json")).toBe(jsonFiles[2]?.[1]);
    },
    60_000,
  );

  test.concurrent.each([
    [".claude/settings.json", '{ "env": { "A": }'],
    [".claude/settings.json", "[]"],
    [".codex/config.toml", "model = \n[x"],
  ])("where %s cannot be read: %j", async (path, text) => {
    const { setup, put, snapshot } = openHome();
    put(path, text);
    const before = snapshot();
    const ended = await setup(["--yes", "--only", "claude-code,codex"]);
    expect([ended.code, snapshot()]).toEqual([1, before]);
    expect(ended.text).toContain(`${path} cannot be read`);
  });

  test.concurrent.each([
    [[], {}, 1, "--yes writes without a question"],
    [["--yes"], { CLAUDE_RELAY_KEY: `cr_${"0".repeat(64)}` }, 1, "401"],
    [["--yes"], { CLAUDE_RELAY_KEY: "sk-ant-x" }, 2, "begins with cr_"],
    [["--yes"], { CLAUDE_RELAY_KEY: "" }, 2, "begins with cr_"],
    [["--only", "emacs"], {}, 2, "--only knows"],
  ])("by %j %j", async (args, more, code, words) => {
    const { setup, snapshot, put } = openHome();
    furnish(put);
    const before = snapshot();
    const ended = await setup(args, more);
    expect([ended.code, ended.text, snapshot()]).toEqual([code, expect.stringContaining(words), before]);
  });

  test.concurrent("where nobody answers at the address, or something else does", async () => {
    const { home } = openHome();
    const terminal = {
      environment: { HOME: home, CLAUDE_RELAY_KEY: secret },
      askSecret: async () => undefined,
      isYes: async () => true,
    };
    const said: string[] = [];
    const run = (url: string) => cli(["setup", url, "--yes"], { ...terminal, say: (line) => void said.push(line) });
    expect(await run("http://127.0.0.1:9")).toBe(1);
    expect(await run(upstream.url)).toBe(1);
    expect(await run("relay")).toBe(2);
    expect(said[0]).toContain("is not reached");
    expect(readdirSync(home)).toEqual([]);
  });
});

test.concurrent(
  "the script that the relay hands out does the same on a machine without this repository",
  async () => {
    const { home, read, snapshot } = openHome();
    const before = snapshot();
    const sh = async (...args: string[]) => {
      const command = `curl -fsSL ${relay.url}/web/setup.sh | sh -s -- ${args.join(" ")}`;
      const env = {
        PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
        HOME: home,
        CLAUDE_RELAY_KEY: secret,
        TMPDIR: scratch,
      };
      // Without a terminal of its own, as in a script.
      const child = spawn("setsid", ["sh", "-c", command], { env, stdio: ["ignore", "pipe", "pipe"] });
      let text = "";
      child.stdout.on("data", (data: Buffer) => (text += data.toString()));
      child.stderr.on("data", (data: Buffer) => (text += data.toString()));
      const [code] = (await once(child, "close")) as [number];
      return { code, text };
    };
    const done = await sh(relay.url, "--yes");
    expect([done.code, done.text]).toEqual([0, expect.stringContaining("Done.")]);
    expect(parseJson(read(".claude/settings.json"))).toEqual({
      env: { ANTHROPIC_BASE_URL: `${relay.url}/api/`, ANTHROPIC_AUTH_TOKEN: showsBudget() },
    });
    expect((await sh(relay.url, "--undo")).code).toBe(0);
    expect(snapshot()).toEqual(before);
    expect((await sh()).code).toBe(2);
    expect(readdirSync(scratch).filter((name) => name.startsWith("claude-relay-setup."))).toEqual([]);
  },
  60_000,
);
