import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildServer } from "../../scripts/build.ts";
import { buildConsole } from "../web/build.ts";
import { settings, type Runtime, type Surroundings } from "./runtime.ts";

const root = join(import.meta.dirname, "../..");
const admin = { username: "e2e-admin", password: "e2e-password" };
const keys = { current: "sig_current_of_node", next: "sig_next_of_node" };
const publicUrl = "https://relay.example.com";

/** The server of the image: its files where the Dockerfile puts them, its command line, nothing else beside it. */
export async function startNode({ upstash }: Surroundings): Promise<Runtime> {
  const directory = mkdtempSync(join(tmpdir(), "relay-e2e-"));
  await buildConsole();
  await buildServer(join(directory, "server"));
  cpSync(join(root, "dist/web"), join(directory, "web"), { recursive: true });
  const port = await freePort();
  const child = spawn(process.execPath, ["--min-semi-space-size=16", "server/main.mjs"], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...{ NODE_ENV: "production", HOST: "127.0.0.1", PORT: String(port), DATA_DIR: join(directory, "data") },
      ...{ JWT_SECRET: "jwt-".padEnd(64, "n"), ENCRYPTION_KEY: "key-".padEnd(32, "n") },
      ...{ ADMIN_USERNAME: admin.username, ADMIN_PASSWORD: admin.password },
      ...{ UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: upstash.token, REDIS_KEY_PREFIX: "node:" },
      ...{ QSTASH_TOKEN: "token", QSTASH_CURRENT_SIGNING_KEY: keys.current, QSTASH_NEXT_SIGNING_KEY: keys.next },
      ...{ PUBLIC_URL: publicUrl, ...settings },
    },
  });
  const lines: string[] = [];
  await ready(child, lines);
  return {
    ...{ url: `http://127.0.0.1:${port}`, publicUrl, admin, signingKey: keys.next, seesHangUp: true },
    log: () => lines.join(""),
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** With PUBLIC_URL set the greeting names that, so the port is chosen here. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function ready(child: ChildProcess, lines: string[]): Promise<void> {
  const greeted = Promise.withResolvers<void>();
  const take = (data: Buffer) => {
    lines.push(data.toString());
    if (lines.join("").includes("is running")) greeted.resolve();
  };
  child.stdout?.on("data", take);
  child.stderr?.on("data", take);
  child.once("exit", (code) => greeted.reject(new Error(`The server ended with ${code}:\n${lines.join("")}`)));
  return greeted.promise;
}
