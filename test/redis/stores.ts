import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openStore, type StoreOptions } from "../../functions/stores/index.ts";
import type { Store } from "../../functions/stores/store.ts";
import { type RedisServer, startRedis } from "./server.ts";
import { startUpstash } from "./upstash.ts";

/** One implementation with what it runs on. */
export interface Subject {
  readonly options: StoreOptions;
  /** Opens a store on the data; for the embedded one only after the last was closed. */
  open(): Promise<Store>;
  /** At least so much time goes by for the store: a moved clock, or a wait where the server has its own. */
  pass(milliseconds: number): Promise<void>;
  readonly redis: RedisServer | undefined;
  stop(): Promise<void>;
}

export const subjects = { embedded: startEmbedded, tcp: startTcp, upstash: startRest } as const;

async function startEmbedded(): Promise<Subject> {
  const directory = mkdtempSync(join(tmpdir(), "relay-store-"));
  const options: StoreOptions = { prefix: "relay:", dataDir: join(directory, "data") };
  let aheadMs = 0;
  return {
    options,
    open: () => openStore(options, () => Date.now() + aheadMs),
    async pass(milliseconds) {
      aheadMs += milliseconds;
    },
    redis: undefined,
    async stop() {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function startTcp(): Promise<Subject> {
  const redis = await startRedis();
  const options: StoreOptions = { redis, prefix: "relay:", dataDir: "/nowhere" };
  return { options, open: () => openStore(options, Date.now), pass, redis, stop: () => redis.stop() };
}

async function startRest(): Promise<Subject> {
  const redis = await startRedis();
  const upstash = await startUpstash(redis);
  const { url: upstashUrl, token: upstashToken } = upstash;
  const options: StoreOptions = { upstashUrl, upstashToken, prefix: "relay:", dataDir: "/nowhere" };
  return {
    options,
    open: () => openStore(options, Date.now),
    pass,
    redis,
    async stop() {
      await upstash.stop();
      await redis.stop();
    },
  };
}

async function pass(milliseconds: number): Promise<void> {
  // Redis' clock and timers are its own; a little more is surely enough.
  await pause(milliseconds + 20);
}

export interface Finished {
  readonly out: string;
  readonly error: string;
}

/** Runs `store-process.ts`; with `until` it is killed as soon as its output satisfies that. */
export function runStoreProcess(
  options: StoreOptions,
  task: readonly string[],
  until: (out: string) => boolean = () => false,
): Promise<Finished> {
  const script = fileURLToPath(new URL("./store-process.ts", import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(options), ...task]);
  const finished = { out: "", error: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    finished.out += chunk.toString();
    if (until(finished.out)) child.kill("SIGKILL");
  });
  child.stderr.on("data", (chunk: Buffer) => (finished.error += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve(finished));
  });
}
