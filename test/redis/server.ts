import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";

const program = "/usr/bin/redis-server";

export interface RedisServer {
  readonly host: string;
  readonly port: number;
  readonly password: string | undefined;
  /** For looking behind the store's back; its commands are not counted. */
  send(...command: string[]): Promise<unknown>;
  /** Commands since the last `resetCommandCount`, those inside scripts too: what Upstash would bill. */
  commandCount(): Promise<number>;
  resetCommandCount(): Promise<void>;
  /** Closes every other connection, as a proxy or a restart of the network does. */
  dropConnections(): Promise<void>;
  /** The process stands still: connections stay open and nothing is answered. */
  freeze(): void;
  thaw(): void;
  /** Ends the process; `start` begins one on the same port, empty unless it has a directory. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/**
 * A genuine redis-server on a free port of this machine; with a `directory` its data outlives its process, else not.
 * Installs Debian's if there is none.
 */
export async function startRedis(options: { password?: string; directory?: string } = {}): Promise<RedisServer> {
  install();
  const port = await findPort();
  const flags = ["--port", String(port), "--bind", "127.0.0.1", "--save", ""];
  flags.push("--appendonly", options.directory ? "yes" : "no", "--dir", options.directory ?? tmpdir());
  if (options.password) flags.push("--requirepass", options.password);
  const at = { host: "127.0.0.1", port, password: options.password };
  let server: ChildProcess;
  let probe: Redis;
  const kill = (): void => void server.kill("SIGKILL");
  process.on("exit", kill);
  const start = async (): Promise<void> => {
    server = spawn(program, flags, { cwd: tmpdir(), stdio: ["ignore", "ignore", "inherit"] });
    probe = await connect(at, server);
  };
  await start();
  return {
    ...at,
    ...watch(() => probe),
    freeze: () => void server.kill("SIGSTOP"),
    thaw: () => void server.kill("SIGCONT"),
    start,
    async stop() {
      probe.disconnect();
      if (hasEnded(server)) return;
      const gone = once(server, "exit");
      kill();
      await gone;
    },
  };
}

function hasEnded(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null;
}

function watch(
  probe: () => Redis,
): Pick<RedisServer, "send" | "commandCount" | "resetCommandCount" | "dropConnections"> {
  // What the probe itself has sent since the reset; CONFIG RESETSTAT and each INFO count themselves after they ran.
  let own = 0;
  const send = (...[name = "", ...values]: string[]): Promise<unknown> => {
    own += 1;
    return probe().call(name, ...values);
  };
  return {
    send,
    async commandCount() {
      const before = own;
      const stats = String(await send("INFO", "commandstats"));
      const calls = [...stats.matchAll(/^cmdstat_[^:]+:calls=(\d+)/gm)].map((match) => Number(match[1]));
      return calls.reduce((sum, count) => sum + count, 0) - before;
    },
    async resetCommandCount() {
      own = 0;
      await send("CONFIG", "RESETSTAT");
    },
    async dropConnections() {
      await send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    },
  };
}

function install(): void {
  if (existsSync(program)) return;
  process.stderr.write("redis-server is missing: installing Debian's with apt-get\n");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  execFileSync("apt-get", ["update"], { stdio: ["ignore", 2, 2], env });
  const flags = ["install", "-y", "--no-install-recommends", "redis-server"];
  execFileSync("apt-get", flags, { stdio: ["ignore", 2, 2], env });
}

async function findPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("No TCP port could be found.");
  return address.port;
}

type Address = Pick<RedisServer, "host" | "port" | "password">;

async function connect(at: Address, server: ChildProcess): Promise<Redis> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const probe = new Redis({ ...at, password: at.password ?? "", lazyConnect: true, retryStrategy: () => null });
    probe.on("error", () => undefined);
    try {
      await probe.connect();
      return probe;
    } catch (error) {
      probe.disconnect();
      if (Date.now() > deadline || hasEnded(server)) throw error;
      await pause(20);
    }
  }
}
