import { execFile } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { startServer } from "../../functions/runtimes/node/node.ts";
import { parseConfig } from "../../functions/config.ts";
import { testEnvironment } from "../environment.ts";
import { startQStash } from "../infra/qstash.ts";
import { startRedis } from "../redis/server.ts";
import { addAccount, addKey } from "../rig.ts";
import { simulatedProject } from "../upstream/gemini/code-assist.ts";
import { startUpstream } from "../upstream/upstream.ts";
import { root } from "./pages.ts";
import { standIns } from "./programs.ts";

/** What a reader has: a relay with accounts and a key, an Upstash, a QStash, a home, and a shell. */
export interface World {
  readonly url: string;
  readonly secret: string;
  readonly home: string;
  /** With the reader's own names in the place of the guide's. */
  fill(text: string): string;
  /** Runs a block as a shell would; rejects if a line fails. */
  shell(text: string): Promise<{ output: string; calls: readonly (readonly string[])[] }>;
  stop(): Promise<void>;
}

const metricsToken = "your-metrics-token";
const redisPassword = "the-password-of-the-database";

export async function buildWorld(): Promise<World> {
  const home = mkdtempSync(join(tmpdir(), "relay-reader-"));
  const [upstream, qstash, redis] = await Promise.all([
    startUpstream({ record: false }),
    startQStash(),
    startRedis({ password: redisPassword }),
  ]);
  const settings = { DATA_DIR: join(home, "relay"), HOST: "127.0.0.1", PORT: "0", METRICS_TOKEN: metricsToken };
  const server = await startServer({
    config: parseConfig({ ...testEnvironment, ...settings }),
    write: () => undefined,
  });
  const secret = await furnish(server.env, upstream.url);
  const bin = buildPrograms(home);
  const fill = (text: string) =>
    text
      .replaceAll(
        /https:\/\/(your-relay\.onrender\.com|d1234abcd\.cloudfront\.net)|http:\/\/localhost:3000/g,
        server.url,
      )
      .replaceAll("cr_your_key", secret)
      .replaceAll("your-qstash-token", qstash.token)
      .replaceAll("/tmp/", `${home}/`);
  const env = {
    ...{ PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`, HOME: home, RELAY: server.url, QSTASH_URL: qstash.url },
    ...{ REDIS_AT: String(redis.port), ROOT: root, NODE: process.execPath, REAL_PATH: process.env.PATH },
    ...{
      CLAUDE_RELAY_PASSPHRASE: "a passphrase that you keep",
      DATA_DIR: join(home, "data"),
      CALLS: join(home, "calls"),
    },
  };
  return {
    ...{ url: server.url, secret, home, fill },
    shell: (text) => shell(fill(text), home, env),
    async stop() {
      await server.close(100);
      await Promise.all([upstream.stop(), redis.stop()]);
      qstash.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function furnish(env: Parameters<typeof addKey>[0], baseUrl: string): Promise<string> {
  const credential = { kind: "api-key", secret: "sk-sim-ok" } as const;
  for (const kind of ["anthropic", "openai", "gemini"]) await addAccount(env, { id: kind, kind, baseUrl }, credential);
  const signedIn = {
    accessToken: "ya29-sim-ok",
    expiresAt: Date.now() + 3_600_000,
    extra: { project: simulatedProject },
  };
  await addAccount(env, { id: "google", kind: "code-assist", baseUrl }, { kind: "oauth", ...signedIn });
  return (await addKey(env, { name: "Reader" })).secret;
}

async function shell(text: string, home: string, env: NodeJS.ProcessEnv): ReturnType<World["shell"]> {
  const file = env.CALLS ?? "";
  rmSync(file, { force: true });
  const output = await new Promise<string>((resolve, reject) => {
    execFile(
      "bash",
      ["--norc", "-euo", "pipefail", "-c", text],
      { cwd: home, env, timeout: 20_000 },
      (error, out, errors) => {
        if (error) reject(new Error(`${text}\n${out}\n${errors}`, { cause: error }));
        else resolve(out);
      },
    );
  });
  const lines = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  return { output, calls: lines.map((line) => line.split("\u001f")) };
}

const note = (name: string) => `{ printf '%s' ${name}; printf '\\037%s' "$@"; printf '\\n'; } >> "$CALLS"\n`;
const post = `curl -fsS -H 'content-type: application/json' -H 'anthropic-version: 2023-06-01'`;
const ask = `'{"model":"claude-sonnet-5","max_tokens":8,"messages":[{"role":"user","content":"hi"}]}'`;
const contents = `'{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}'`;

/** Programs that do what the real ones do first, by the settings that the guide gave them. npm run test:clients runs the real ones. */
const acts: Readonly<Record<string, string>> = {
  git: `if [ "$1" = clone ]; then d=\${3:-$(basename "$2" .git)}; mkdir -p "$d"; cp "$ROOT"/compose*.yaml "$ROOT/.env.example" "$d"; fi`,
  npm: `if [ "$1 \${2-}" = "run schedules" ]; then cd "$ROOT" && PATH=$REAL_PATH exec npm "$@"; fi`,
  // A person is asked whether to import; here nobody is.
  npx: `if [ "$1" = claude-relay ] && [ "$2" != import-crs ]; then shift; if [ "$1" = import ]; then set -- "$@" --yes; fi; exec "$NODE" "$ROOT/scripts/cli.ts" "$@"; fi`,
  claude: `exec ${post} "\${ANTHROPIC_BASE_URL%/}/v1/messages" -H "authorization: Bearer $ANTHROPIC_AUTH_TOKEN" -d ${ask}`,
  codex: `exec ${post} "$RELAY/openai/responses" -H "authorization: Bearer $CRS_OAI_KEY" -d '{"model":"gpt-5","input":"hi"}'`,
  gemini: `if [ "\${GOOGLE_GENAI_USE_GCA-}" = true ]; then
  exec ${post} "$CODE_ASSIST_ENDPOINT/v1internal:loadCodeAssist" -H "authorization: Bearer $GOOGLE_CLOUD_ACCESS_TOKEN" -H 'user-agent: GeminiCLI/0.61.0' -d '{"metadata":{}}'
fi
exec ${post} "$GOOGLE_GEMINI_BASE_URL/v1beta/models/gemini-2.5-pro:generateContent" -H "x-goog-api-key: $GEMINI_API_KEY" -d ${contents}`,
  // The Redis of this test speaks without TLS.
  "redis-cli": `while [ $# -gt 0 ]; do case $1 in --tls) ;; -h|-p) shift ;; *) set -- "$@" "$1" ;; esac; shift; [ "$1" = ping ] && break; done
exec /usr/bin/redis-cli -p "$REDIS_AT" -a ${redisPassword} --no-auth-warning ping`,
};

function buildPrograms(home: string): string {
  const bin = join(home, "bin");
  for (const name of new Set([...Object.keys(standIns), ...Object.keys(acts)])) {
    const file = join(bin, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${name in standIns ? note(name) : ""}${acts[name] ?? ""}\n`);
    chmodSync(file, 0o755);
  }
  copyFileSync(join(root, ".env.example"), join(home, ".env"));
  return bin;
}
