import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lookAtStore } from "../../functions/runtimes/node/check-store.ts";
import { greet } from "../../functions/runtimes/node/start-banner.ts";
import { startServer, type RunningServer } from "../../functions/runtimes/node/node.ts";
import { completeSecrets } from "../../functions/runtimes/node/secrets.ts";
import { ConfigError, parseConfig, type Environment } from "../../functions/config.ts";
import { openStore, type StoreOptions } from "../../functions/stores/index.ts";
import { testEnvironment } from "../environment.ts";
import { startRedis } from "../redis/server.ts";
import { startUpstash } from "../redis/upstash.ts";

/** What the process says when it starts with something wrong: each line as it is printed. */
export async function provokeStarts(): Promise<string[]> {
  return [...provokeSettings(), ...provokeDirectory(), ...(await provokeStores()), ...(await provokeFiles())];
}

const bare = { REDIS_HOST: "127.0.0.1" };
// As a public guide prints them.
const guide = {
  JWT_SECRET:
    "de43c2bbbc4f15cf1a4997d245fbfd3287b3be28eb04c4239f147ac38be6066c9fcb7f5c756d4aebe5103bbee4d95e44c30c3d95d7e402163451cde9450b16f1",
  ENCRYPTION_KEY: "7017c4a38e9dcd3720889cbd2ec8b51728c8ab118b525e77e69351ecc1ee465b",
  ADMIN_PASSWORD: ["Zteshno", "0"].join("@"),
};

const wrongSettings: readonly Environment[] = [
  bare,
  { ...bare, ...testEnvironment, JWT_SECRET: "short", ENCRYPTION_KEY: "short", ADMIN_PASSWORD: "short" },
  { ...bare, ...testEnvironment, ...guide },
  { ...testEnvironment, REDIS_PASSWORD: "x" },
  { ...testEnvironment, REDIS_HOST: "https://x.upstash.io" },
  { ...testEnvironment, REDIS_URL: "redis://" },
  { ...testEnvironment, METRICS_TOKEN: "# only if something scrapes" },
  { ...testEnvironment, UPSTASH_REDIS_REST_URL: "x.upstash.io" },
  { ...testEnvironment, QSTASH_TOKEN: "x", QSTASH_NEXT_SIGNING_KEY: "x" },
  { ...testEnvironment, REDIS_ENABLE_TLS: "yes", REDIS_PORT: "x", LOG_LEVEL: "loud", TIMEZONE: "Nowhere" },
];

function problemsOf(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error("nothing was wrong");
}

function provokeSettings(): string[] {
  return wrongSettings.flatMap((environment) =>
    problemsOf(() => parseConfig(completeSecrets(environment).environment)),
  );
}

function provokeDirectory(): readonly string[] {
  return problemsOf(() => completeSecrets({ DATA_DIR: "/dev/null/x" }));
}

/** First looks at stores that refuse, and a start on one that answers. */
async function provokeStores(): Promise<string[]> {
  const redis = await startRedis({ password: "right" });
  const open = await startRedis();
  const upstash = await startUpstash(open);
  const tcp = (address: object) => ({ redis: { host: redis.host, port: redis.port, ...address } });
  const rest = (token: string) => ({ upstashUrl: upstash.url, upstashToken: token });
  try {
    const said = [
      ...(await look(tcp({ password: "wrong" }), { REDIS_HOST: "x.upstash.io" })),
      ...(await look(tcp({ password: "right" }), { REDIS_HOST: "x.upstash.io" })),
      ...(await look(tcp({ host: "no-such-host.invalid" }), { REDIS_HOST: "x.upstash.io" })),
      ...(await look(tcp({ port: await freePort() }), { REDIS_HOST: "x.upstash.io" })),
      ...(await look(rest("wrong"), { UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: "wrong" })),
    ];
    upstash.setQuota(0);
    const spent = { UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: upstash.token };
    return [...said, ...(await look(rest(upstash.token), spent))];
  } finally {
    await upstash.stop();
    await Promise.all([redis.stop(), open.stop()]);
  }
}

/** What a first look at a store says; the names in it come from the settings that lead to such a store. */
async function look(options: Partial<StoreOptions>, environment: Environment): Promise<string[]> {
  const config = parseConfig({ ...testEnvironment, PUBLIC_URL: "https://your-relay.onrender.com", ...environment });
  const store = await openStore({ prefix: "relay:", dataDir: "/nowhere", ...options }, Date.now);
  const told: string[] = [];
  const env: Parameters<typeof lookAtStore>[0] = {
    ...{ store, config, now: Date.now, isDraining: () => false, after: () => undefined },
    log: (_level, _event, fields) => void told.push(String(fields?.told)),
    dispatch: () => Promise.reject(new Error("A look asks no provider.")),
  };
  try {
    const isReached = await lookAtStore(env);
    const greeting = greet({
      ...{ version: "0.1.0", url: "http://localhost:3000", config, isReached, isOnRender: false },
      secrets: { environment, isFirstStart: false },
    });
    return [...told, ...greeting.split("\n")];
  } catch (error) {
    if (error instanceof ConfigError) return [...error.problems];
    throw error;
  } finally {
    await store.close();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Two processes on one embedded store. */
async function provokeFiles(): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), "relay-docs-"));
  const environment = { ...testEnvironment, DATA_DIR: directory, PORT: "0", HOST: "127.0.0.1" };
  const options = { config: parseConfig(environment), write: () => undefined };
  const first = await startServer(options);
  try {
    return [await startServer(options).then(stopAtOnce, (error: Error) => error.message)];
  } finally {
    await first.close(100);
    rmSync(directory, { recursive: true, force: true });
  }
}

async function stopAtOnce(server: RunningServer): Promise<string> {
  await server.close(100);
  return "started";
}
