import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startUpstream, type Upstream } from "../upstream/upstream.ts";
import { buildConsole } from "./build.ts";

const main = fileURLToPath(new URL("../../functions/runtimes/node/main.ts", import.meta.url));
const admin = { username: "admin", password: "a-password-for-tests" };

/** The real server with the embedded store in a directory of its own, the built console, and the simulated upstream. */
export interface Relay {
  readonly url: string;
  readonly admin: typeof admin;
  readonly upstream: Upstream;
  /** Calls the admin API as a script does. Throws if it refuses. */
  call<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T>;
  stop(): Promise<void>;
}

export async function startRelay(): Promise<Relay> {
  await buildConsole();
  const directory = await mkdtemp(join(tmpdir(), "relay-web-"));
  const upstream = await startUpstream();
  const server = spawn(process.execPath, [main], {
    env: {
      PATH: process.env.PATH,
      DATA_DIR: directory,
      HOST: "127.0.0.1",
      PORT: "0",
      LOG_LEVEL: "warn",
      ADMIN_USERNAME: admin.username,
      ADMIN_PASSWORD: admin.password,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const url = await readUrl(server.stdout, server.stderr);
  const token = await signIn(url);
  return {
    url,
    admin,
    upstream,
    async call(method, path, body) {
      const response = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return response.json() as never;
    },
    async stop() {
      server.kill("SIGTERM");
      await once(server, "exit");
      await upstream.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The server tells its address at the start; whatever else it says is shown if it does not. */
async function readUrl(out: NodeJS.ReadableStream, err: NodeJS.ReadableStream): Promise<string> {
  let said = "";
  err.on("data", (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve, reject) => {
    out.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const port = /Console\s+http:\/\/\S+?:(\d+)\/web/.exec(said)?.[1];
      if (port) resolve(`http://localhost:${port}`);
    });
    out.on("end", () => reject(new Error(`The server ended: ${said}`)));
  });
}

async function signIn(url: string): Promise<string> {
  const response = await fetch(`${url}/admin/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...admin, bearer: true }),
  });
  const { token } = (await response.json()) as { token?: string };
  if (token === undefined) throw new Error(`No session: ${response.status}`);
  return token;
}
