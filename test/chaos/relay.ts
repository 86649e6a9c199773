import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Environment } from "../../functions/config.ts";
import type { Order } from "./control.ts";

const control = new URL("./control.ts", import.meta.url).href;
const nodeMain = fileURLToPath(new URL("../../functions/runtimes/node/main.ts", import.meta.url));
const ending = new Set<ChildProcess>();
process.on("exit", () => ending.forEach((child) => child.kill("SIGKILL")));

/** The product's own server in a process of its own. */
export interface RelayProcess {
  readonly url: string;
  /** Everything that it has logged. */
  log(): string;
  /** Moves its clock against this machine's. */
  setClock(aheadMs: number): void;
  /** What it holds after a full collection of garbage, in MB: JavaScript's heap and buffers. */
  heldMb(): Promise<number>;
  /** For how many ms its event loop stood still at the longest, since this was asked the last time. */
  stillMs(): Promise<number>;
  /** Resident memory in MB, and open descriptors. */
  look(): { rssMb: number; descriptors: number };
  /** No file may grow any more beyond so many bytes; "unlimited" ends it. */
  limitFiles(bytes: string): void;
  /** The whole process stands still for so long. */
  pause(milliseconds: number): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>;
}

/** `main`: the server's own file; the sources unless it is said. */
export async function startRelayProcess(environment: Environment, main = nodeMain): Promise<RelayProcess> {
  const flags = ["--expose-gc", "--min-semi-space-size=16", "--import", control, main];
  const child = spawn(process.execPath, flags, {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  ending.add(child);
  let log = "";
  let url: string | undefined;
  const ready = Promise.withResolvers<void>();
  const take = (chunk: Buffer) => {
    log += chunk.toString();
    url ??= /http:\/\/(?:127\.0\.0\.1|localhost):\d+/.exec(log)?.[0].replace("localhost", "127.0.0.1");
    if (url) ready.resolve();
  };
  child.stdout?.on("data", take);
  child.stderr?.on("data", take);
  const ended = once(child, "close").then(([code]) => {
    ending.delete(child);
    ready.reject(new Error(`The relay ended with ${String(code)}:\n${log}`));
    return code as number | null;
  });
  await ready.promise;
  const order = (message: Order) => void child.send(message);
  return {
    url: url ?? "",
    log: () => log,
    setClock: (aheadMs) => order({ aheadMs }),
    async heldMb() {
      const answer = once(child, "message");
      order({ isMemoryAsked: true });
      return ((await answer) as [{ heldMb: number }])[0].heldMb;
    },
    async stillMs() {
      const answer = once(child, "message");
      order({ isDelayAsked: true });
      return ((await answer) as [{ stillMs: number }])[0].stillMs;
    },
    look: () => ({ rssMb: rssOf(child), descriptors: readdirSync(`/proc/${child.pid}/fd`).length }),
    limitFiles: (bytes) => void execFileSync("prlimit", ["--pid", String(child.pid), `--fsize=${bytes}:unlimited`]),
    async pause(milliseconds) {
      child.kill("SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      child.kill("SIGCONT");
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    stop() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

function rssOf(child: ChildProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}
