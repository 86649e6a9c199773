import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Env } from "../functions/env.ts";
import { openStore } from "../functions/stores/index.ts";
import { testEnvironment } from "../test/environment.ts";
import { buildEnv, prepare, type Secrets } from "./prepare.ts";

export interface Server {
  readonly url: string;
  /** Resident memory in MB. */
  rss(): number;
  /** Memory in use in MB: heap and buffers, after its garbage was collected. */
  inUse(): Promise<number>;
  /** Processor time that it has used, in ms, to 10 ms. */
  cpuMs(): number;
  stop(): Promise<void>;
}

const here = import.meta.dirname;

/** A process that prints its URL as (part of) a line; ready from then on. */
export async function startProcess(
  file: string,
  args: readonly string[],
  environment: Record<string, string | undefined> = {},
): Promise<Server> {
  // The young generation that `npm start` and the image give the server; the pass-through gets it too.
  const flags = ["--min-semi-space-size=16", "--import", join(here, "collect.ts")];
  const child = spawn(process.execPath, [...flags, join(here, file), ...args], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  // Also if this process fails: nothing is left behind.
  process.setMaxListeners(0).once("exit", () => child.kill("SIGKILL"));
  const { stdout } = child;
  if (!stdout) throw new Error(`${file} has no output.`);
  const url = await new Promise<string>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${file} ended with ${code} before it was ready`)));
    const lines = createInterface({ input: stdout });
    lines.on("line", (line) => {
      const found = /http:\/\/(?:127\.0\.0\.1|localhost):\d+/.exec(line);
      if (!found) return;
      resolve(found[0]);
      // Its log is read and dropped from here on: cutting it into lines would cost the client that measures.
      lines.close();
      stdout.resume();
    });
  });
  child.removeAllListeners("exit");
  return {
    url: url.replace("localhost", "127.0.0.1"),
    rss: () => rssOf(child),
    inUse: () => inUseOf(child),
    cpuMs: () => cpuMsOf(child),
    stop: () => stop(child),
  };
}

/** The 14th and 15th field of `stat`, in hundredths of a second; the 2nd, a name in brackets, may hold spaces (proc(5)). */
function cpuMsOf(child: ChildProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function rssOf(child: ChildProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

async function inUseOf(child: ChildProcess): Promise<number> {
  child.send("weigh");
  const [bytes] = (await once(child, "message")) as [number];
  return bytes / 1024 / 1024;
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGKILL");
  return ended;
}

export interface RelayServer extends Server {
  readonly secrets: Secrets;
}

/** The product's own server with two accounts at the simulated upstream and limited keys for them. */
export async function startRelay(upstream: string, redis?: RedisAt): Promise<RelayServer> {
  let secrets: Secrets | undefined;
  const server = await startRelayWith(async (env) => {
    secrets = await prepare(env, upstream);
  }, redis);
  if (!secrets) throw new Error("The relay started with nothing prepared.");
  return { ...server, secrets };
}

interface RedisAt {
  readonly host: string;
  readonly port: number;
}

/** The product's own server over what `fill` has put into its store before: that of `redis`, else an embedded one. */
export async function startRelayWith(fill: (env: Env) => Promise<void>, redis?: RedisAt): Promise<Server> {
  const dataDir = mkdtempSync(join(tmpdir(), "relay-bench-"));
  const environment = {
    ...testEnvironment,
    DATA_DIR: dataDir,
    LOG_LEVEL: "info",
    PORT: "0",
    HOST: "127.0.0.1",
    ...(redis ? { REDIS_HOST: redis.host, REDIS_PORT: String(redis.port) } : {}),
  };
  const store = await openStore(
    { prefix: "relay:", dataDir, ...(redis ? { redis: { ...redis, db: 0, tls: false } } : {}) },
    Date.now,
  );
  await fill(buildEnv(store, environment));
  await store.close();
  const server = await startProcess("../functions/runtimes/node/main.ts", [], environment);
  const stopAll = async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { ...server, stop: stopAll };
}
