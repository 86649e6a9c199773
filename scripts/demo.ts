import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startServer, type RunningServer } from "../functions/runtimes/node/node.ts";
import { parseConfig, type Environment } from "../functions/config.ts";
import { listJobs } from "../functions/operations/jobs/jobs.ts";
import { addAccount, addKey } from "../test/rig.ts";
import { startUpstream } from "../test/upstream/upstream.ts";
import { buildConsole } from "../test/web/build.ts";

/**
 * `npm run demo`: the relay with a simulated provider behind it, one account of each language and one key, on this machine
 * only. What it prints works as printed; Ctrl-C ends it and removes its data. PORT chooses the port (3000, or any free one).
 */
const directory = mkdtempSync(join(tmpdir(), "claude-relay-demo-"));
process.on("exit", () => rmSync(directory, { recursive: true, force: true }));

const password = randomBytes(12).toString("base64url");
const environment: Environment = {
  JWT_SECRET: randomBytes(64).toString("hex"),
  ENCRYPTION_KEY: randomBytes(32).toString("hex"),
  ADMIN_USERNAME: "admin",
  ADMIN_PASSWORD: password,
  DATA_DIR: directory,
  HOST: "127.0.0.1",
};

const consoleDirectory = fileURLToPath(new URL("../dist/web/", import.meta.url));
if (!existsSync(join(consoleDirectory, "index.html"))) await buildConsole();

const upstream = await startUpstream({ record: false });
const server = await startOn(process.env.PORT ? [process.env.PORT] : ["3000", "0"]);
const secret = await furnish(server);
process.stdout.write(instructions(server.url));
process.once("SIGINT", () => void stop()).once("SIGTERM", () => void stop());

/** Starts on the first of some ports that is free. */
async function startOn([port = "0", ...others]: readonly string[]): Promise<RunningServer> {
  const config = parseConfig({ ...environment, PORT: port });
  const write = (line: string) => void process.stdout.write(line);
  try {
    return await startServer({ config, write, jobs: listJobs(config), consoleDirectory });
  } catch (error) {
    const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    if (isTaken && others.length > 0) return startOn(others);
    throw isTaken ? new Error(`Port ${port} is already in use: set PORT to another number.`, { cause: error }) : error;
  }
}

/** An account for each kind of client, whose answers come a word at a time, and a key for all of them. Gives its secret. */
async function furnish({ env }: RunningServer): Promise<string> {
  const credential = { kind: "api-key", secret: "sk-sim-pace=40.demo" } as const;
  for (const kind of ["anthropic", "openai", "gemini"]) {
    await addAccount(env, { id: `demo-${kind}`, name: `Simulated ${kind}`, kind, baseUrl: upstream.url }, credential);
  }
  const key = await addKey(env, { name: "Demo", concurrency: 20, dailyCostNanos: 10e9 });
  return key.secret;
}

function instructions(url: string): string {
  const body = { model: "claude-sonnet-5", max_tokens: 256, stream: true };
  const question = { ...body, messages: [{ role: "user", content: "Hello from the demo" }] };
  return `Claude Relay is running with a simulated provider behind it. Nothing leaves this machine.

  Console   ${url}/web
  Name      admin
  Password  ${password}

A streamed answer:

curl -sN ${url}/api/v1/messages -H 'x-api-key: ${secret}' -H 'anthropic-version: 2023-06-01' -H 'content-type: application/json' -d '${JSON.stringify(question)}'

Claude Code, in another terminal:

export ANTHROPIC_BASE_URL=${url}/api
export ANTHROPIC_AUTH_TOKEN=${secret}

Then: claude "hello". Each call is logged below; Ctrl-C ends the demo and removes its data.

`;
}

async function stop(): Promise<void> {
  await server.close(1_000);
  await upstream.stop();
  process.exit(0);
}
