import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import packageFile from "../../../package.json" with { type: "json" };
import { startQStash } from "../../../test/infra/qstash.ts";
import { startRedis } from "../../../test/redis/server.ts";

const main = join(import.meta.dirname, "main.ts");
let scratch: string;
const secrets = {
  ...{ JWT_SECRET: "j".repeat(64), ENCRYPTION_KEY: "k".repeat(64) },
  ...{ ADMIN_USERNAME: "admin", ADMIN_PASSWORD: "correct horse battery" },
};
const children = new Set<ChildProcess>();

beforeEach(() => (scratch = mkdtempSync(join(tmpdir(), "relay-main-"))));
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  }
  children.clear();
  rmSync(scratch, { recursive: true });
});

interface Started {
  readonly child: ChildProcess;
  output(): string;
  errors(): string;
  readonly exited: Promise<number | null>;
}

function start(environment: Record<string, string> = {}, flags: readonly string[] = []): Started {
  const env = { PATH: process.env.PATH, HOST: "127.0.0.1", PORT: "0", DATA_DIR: join(scratch, "data"), ...environment };
  const child = spawn(process.execPath, [...flags, main], { cwd: scratch, env, stdio: ["ignore", "pipe", "pipe"] });
  children.add(child);
  let [output, errors] = ["", ""];
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
  const exited = once(child, "close").then(([code]) => code as number | null);
  return { child, output: () => output, errors: () => errors, exited };
}

async function running(started: Started): Promise<string> {
  while (!started.output().includes("ANTHROPIC_AUTH_TOKEN")) {
    if (started.child.exitCode !== null) throw new Error(`it ended: ${started.errors()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return /Console\s+(http:\S+)\/web/.exec(started.output())?.[1] ?? "";
}

describe("the process", () => {
  test("starts without any configuration and prints what an operator needs, the password on the first start only", async () => {
    const first = start();
    const url = await running(first);
    expect(first.output()).toMatch(/Name +admin\n +Password \S{20}\n/);
    expect(first.output()).toContain(`Health   ${url}/health`);
    expect(first.output()).toContain(`export ANTHROPIC_BASE_URL=${url}/api`);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    first.child.kill("SIGTERM");
    expect(await first.exited).toBe(0);
    const second = start();
    await running(second);
    expect(second.output()).not.toMatch(/Password/);
    expect(first.errors() + second.errors()).toBe("");
  });

  test("puts its schedules at QStash, as often as it starts, and goes on where it cannot", async () => {
    const qstash = await startQStash();
    const keys = { QSTASH_CURRENT_SIGNING_KEY: "sig_1", QSTASH_NEXT_SIGNING_KEY: "sig_2" };
    const given = {
      ...keys,
      QSTASH_URL: qstash.url,
      PUBLIC_URL: "https://relay.example.com",
      KEEP_ALIVE_MINUTES: "10",
    };
    const until = async (started: Started, word: string) => {
      while (!started.output().includes(word)) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    try {
      for (let round = 0; round < 2; round += 1) {
        const started = start({ ...given, QSTASH_TOKEN: qstash.token });
        await until(started, "schedules put");
        started.child.kill("SIGTERM");
        expect(await started.exited).toBe(0);
      }
      const ids = ["refresh", "cleanup", "rollup", "awake"].map((job) => `claude-relay-relay-example-com-${job}`);
      expect([...qstash.schedules.keys()].sort()).toEqual(ids.sort());
      const refused = start({ ...given, QSTASH_TOKEN: "other" });
      await until(refused, "schedules could not be put");
      expect(refused.child.exitCode).toBeNull();
      expect(refused.output()).not.toContain("other");
    } finally {
      qstash.stop();
    }
  });

  test("tells who can reach it", async () => {
    const here = start();
    await running(here);
    expect(here.output()).toMatch(/Reached +from this machine only/);
    const everywhere = start({ HOST: "0.0.0.0", DATA_DIR: join(scratch, "other") });
    await running(everywhere);
    expect(everywhere.output()).toMatch(/Reached +from the network, at every address of this machine/);
  });

  test("names every setting that is wrong, one a line with its remedy, and exits with 78", async () => {
    const started = start({ JWT_SECRET: "too-few", REDIS_HOST: "127.0.0.1", PORT: "70000" });
    expect(await started.exited).toBe(78);
    const lines = started.errors().trim().split("\n");
    expect(lines.map((line) => line.split(" ")[0]).sort()).toEqual(
      ["ADMIN_PASSWORD", "ADMIN_USERNAME", "ENCRYPTION_KEY", "JWT_SECRET", "PORT"].sort(),
    );
    expect(started.errors()).toContain("openssl rand");
    expect(started.errors()).not.toContain("too-few");
  });

  test("says in one sentence that its port is taken", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as AddressInfo;
    const started = start({ PORT: String(port) });
    expect(await started.exited).toBe(78);
    expect(started.errors()).toBe(
      `Port ${port} is already in use: stop the other program, or set PORT to another number.\n`,
    );
    holder.close();
  });

  test.each([
    ["HOST 192.0.2.1 is no address of this machine: set HOST=0.0.0.0 for all of its addresses.", { HOST: "192.0.2.1" }],
    ["make /dev/null/x writable or set DATA_DIR to another directory", { DATA_DIR: "/dev/null/x" }],
    ["REDIS_HOST is missing; REDIS_PASSWORD needs it", { REDIS_PASSWORD: "x" }],
    ["REDIS_HOST is missing; REDIS_ENABLE_TLS needs it", { REDIS_ENABLE_TLS: "true" }],
    ["no https:// (that is UPSTASH_REDIS_REST_URL)", { ...secrets, REDIS_HOST: "https://x.upstash.io" }],
    ["REDIS_URL must look like redis://user:password@host:6379/0", { ...secrets, REDIS_URL: "redis://" }],
    ["REDIS_HOST names a server that does not exist", { ...secrets, REDIS_HOST: "no-such-host.invalid" }],
  ])("does not start with a wrong setting, and says in one line what to do: %s", async (line, environment) => {
    const started = start(environment);
    expect(await started.exited).toBe(78);
    expect(started.errors().split("\n")).toEqual([expect.stringContaining(line), ""]);
  });

  test("does not start with a password that Redis refuses, and starts without a Redis that is not there yet", async () => {
    const redis = await startRedis({ password: "right" });
    const at = { ...secrets, REDIS_HOST: redis.host, REDIS_PORT: String(redis.port) };
    try {
      const wrong = start({ ...at, REDIS_PASSWORD: "wrong" });
      expect(await wrong.exited).toBe(78);
      expect(wrong.errors()).toMatch(/^REDIS_PASSWORD is refused by the store \(WRONGPASS.*\); .*\n$/);
      const right = start({ ...at, REDIS_PASSWORD: "right" });
      await running(right);
      expect(right.output()).toContain("Store    Redis, reached");
    } finally {
      await redis.stop();
    }
    const early = start({ ...at, REDIS_PASSWORD: "right" });
    const url = await running(early);
    expect(early.output()).toMatch(/"store unavailable","told":"The store cannot be reached \(connect ECONNREFUSED/);
    expect(early.output()).toContain("Store    Redis, NOT reached: see the line above");
    expect((await fetch(`${url}/health`)).status).toBe(503);
  });

  test("npm start reads the settings of .env where it is started, as .env.example says, and the environment wins", async () => {
    writeFileSync(join(scratch, ".env"), "ADMIN_USERNAME=from-file\nLOG_LEVEL=loud\nREDIS_HOST=\n");
    const { scripts } = packageFile;
    const flags = scripts.start.split(" ").filter((word) => word.startsWith("--"));
    const wrong = start({}, flags);
    expect(await wrong.exited).toBe(78);
    expect(wrong.errors()).toContain("LOG_LEVEL must be one of");
    const right = start({ LOG_LEVEL: "info", DATA_DIR: join(scratch, "other") }, flags);
    await running(right);
    expect(right.output()).toContain("Name     from-file");
  });

  test("warns on Render that the embedded store's directory is emptied", async () => {
    const started = start({ RENDER: "true", RENDER_EXTERNAL_URL: "https://your-relay.onrender.com" });
    await running(started);
    expect(started.output()).toContain("Console  https://your-relay.onrender.com/web");
    expect(started.output()).toContain("Render empties it at every restart unless a disk is there: set REDIS_HOST.");
  });

  test.each(["SIGTERM", "SIGINT"] as const)("ends with 0 and a flushed log on %s", async (signal) => {
    const started = start();
    await running(started);
    started.child.kill(signal);
    expect(await started.exited).toBe(0);
    expect(started.output()).toMatch(/"event":"draining".*\n$/);
  });
});
