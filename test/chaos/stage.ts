import { mkdtempSync, rmSync } from "node:fs";
import { createServer, connect, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildEnv } from "../../bench/prepare.ts";
import type { Environment } from "../../functions/config.ts";
import type { Env } from "../../functions/env.ts";
import { openConfiguredStore } from "../../functions/runtimes/machine.ts";
import { parseConfig } from "../../functions/config.ts";
import { testEnvironment } from "../environment.ts";
import { type RedisServer, startRedis } from "../redis/server.ts";
import { startUpstash, type UpstashStandIn } from "../redis/upstash.ts";
import { type ApiKey, keyDefaults } from "../../functions/core/keys/key.ts";
import { addAccount, addKey } from "../rig.ts";
import { startUpstream, type Upstream } from "../upstream/upstream.ts";
import { type RelayProcess, startRelayProcess } from "./relay.ts";

/** `signed` signs in at the provider; `spare` has two accounts. */
export type KeyName = "faulty" | "calm" | "narrow" | "signed" | "spare";

export type StoreKind = "embedded" | "redis" | "upstash";

/** Calls that a key with the `narrow` limit may have under way. */
export const narrowness = 8;

/** All far away. */
export const everyLimit: Partial<ApiKey> = {
  concurrency: 10_000,
  dailyCostNanos: 1e15,
  windowMinutes: 60,
  windowRequests: 1e9,
  windowTokens: 1e12,
  windowCostNanos: 1e15,
  weeklyCostNanos: 1e15,
  weeklyFamilyCostNanos: { sonnet: 1e15, haiku: 1e15 },
  totalCostNanos: 1e15,
  totalTokens: 1e12,
};

/** The parts of one fault's run: store, provider, relay, and keys that use accounts of their own. */
export interface Stage {
  readonly kind: StoreKind;
  readonly upstream: Upstream;
  readonly redis: RedisServer | undefined;
  readonly upstash: UpstashStandIn | undefined;
  readonly wire: Wire | undefined;
  /** Each with every kind of limit, all but the narrow one's concurrency far away. */
  readonly keys: readonly ApiKey[];
  readonly secrets: Readonly<Record<KeyName, string>>;
  relay: RelayProcess;
  /** How far the relay's clock is ahead. */
  aheadMs: number;
  /** Moves the relay's clock; one that is started again has it too. */
  setClock(aheadMs: number): void;
  /** What relays that were killed have logged. */
  pastLog: string;
  /** A relay on the same data again. */
  restart(): Promise<void>;
  /** Opens the store beside or, if it serves one process only, after the relay. */
  look<T>(work: (env: Env) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export const requestMaxMb = 8;

/** `more` settings, and the server's `main` file, if it is not to be the sources. */
export async function openStage(kind: StoreKind, more: Environment = {}, main?: string): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), "relay-chaos-"));
  const upstream = await startUpstream();
  const redis = kind === "embedded" ? undefined : await startRedis({ directory });
  const upstash = redis && kind === "upstash" ? await startUpstash(redis) : undefined;
  const wire = redis && kind === "redis" ? await startWire(redis.port) : undefined;
  const environment: Environment = {
    ...testEnvironment,
    DATA_DIR: directory,
    PORT: "0",
    HOST: "127.0.0.1",
    REQUEST_MAX_SIZE_MB: String(requestMaxMb),
    REQUEST_TIMEOUT: "3000",
    ...more,
    ...(wire ? { REDIS_HOST: "127.0.0.1", REDIS_PORT: String(wire.port) } : {}),
    ...(upstash ? { UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: upstash.token } : {}),
  };
  const look = async <T>(work: (env: Env) => Promise<T>): Promise<T> => {
    const store = await openConfiguredStore(parseConfig(environment), Date.now);
    try {
      return await work(buildEnv(store, environment));
    } finally {
      await store.close();
    }
  };
  const { secrets, keys } = await look((env) => furnish(env, upstream));
  const stage: Stage = {
    kind,
    upstream,
    redis,
    upstash,
    wire,
    secrets,
    keys,
    look,
    aheadMs: 0,
    setClock(aheadMs) {
      stage.aheadMs = aheadMs;
      stage.relay.setClock(aheadMs);
    },
    pastLog: "",
    relay: await startRelayProcess(environment, main),
    async restart() {
      stage.pastLog += stage.relay.log();
      stage.relay = await startRelayProcess({ ...environment, CLOCK_AHEAD_MS: String(stage.aheadMs) }, main);
    },
    async stop() {
      await stage.relay.kill();
      await wire?.stop();
      await upstash?.stop();
      await redis?.stop();
      await upstream.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return stage;
}

/** Renewed by the first call, the provider's answer half there at once and the rest so much later: in between it knows the old token no more. */
export const renewalMs = 700;

async function furnish(env: Env, { url, oauth }: Upstream): Promise<Pick<Stage, "secrets" | "keys">> {
  const keys: ApiKey[] = [];
  const addTo = async (name: KeyName, change: Partial<ApiKey> = {}) => {
    const { key, secret } = await addKey(env, { name, ...everyLimit, bindings: { claude: name }, ...change });
    keys.push({ ...keyDefaults, ...key });
    return secret;
  };
  const apiKey = { kind: "api-key", secret: "sk-ant-sim" } as const;
  for (const id of ["faulty", "calm", "narrow"]) await addAccount(env, { id, kind: "anthropic", baseUrl: url }, apiKey);
  for (const id of ["spare-1", "spare-2"])
    await addAccount(env, { id, kind: "anthropic", baseUrl: url, groups: ["spare"] }, apiKey);
  const { accessToken, refreshToken } = oauth.issue({ refreshBehaviour: `silence=1:${renewalMs}` });
  const settings = { tokenUrl: `${url}/v1/oauth/token` };
  const credential = { kind: "oauth", accessToken, refreshToken, expiresAt: 1 } as const;
  await addAccount(env, { id: "signed", kind: "claude", baseUrl: url, settings }, credential);
  const secrets = {
    faulty: await addTo("faulty"),
    calm: await addTo("calm"),
    narrow: await addTo("narrow", { concurrency: narrowness }),
    signed: await addTo("signed"),
    spare: await addTo("spare", { bindings: { claude: "group:spare" } }),
  };
  return { secrets, keys };
}

/** The way to Redis, which can be made slow or cut. */
export interface Wire {
  readonly port: number;
  setDelay(milliseconds: number): void;
  cut(): void;
  stop(): Promise<void>;
}

async function startWire(port: number): Promise<Wire> {
  let delayMs = 0;
  const sockets = new Set<Socket>();
  const join = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on("data", (chunk) => {
      if (delayMs === 0) to.write(chunk);
      else setTimeout(() => void (to.destroyed || to.write(chunk)), delayMs);
    });
    from.on("error", () => undefined);
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server: Server = createServer((client) => {
    const store = connect(port, "127.0.0.1");
    join(client, store);
    join(store, client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The wire has no TCP port.");
  const cut = () => sockets.forEach((socket) => socket.destroy());
  return {
    port: address.port,
    setDelay: (milliseconds) => void (delayMs = milliseconds),
    cut,
    stop: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
