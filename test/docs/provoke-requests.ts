import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer, type RunningServer } from "../../functions/runtimes/node/node.ts";
import { parseConfig, type Environment } from "../../functions/config.ts";
import type { Account, Credential } from "../../functions/core/accounts/account.ts";
import { sealCredential } from "../../functions/core/accounts/credential.ts";
import { type ApiKey, rotateKey } from "../../functions/core/keys/key.ts";
import { testEnvironment } from "../environment.ts";
import { startRedis } from "../redis/server.ts";
import { startUpstash } from "../redis/upstash.ts";
import { addAccount, addKey } from "../rig.ts";
import { startUpstream, type Upstream } from "../upstream/upstream.ts";

/** What clients and admins are told when something is wrong: the messages as they reach them. */
export async function provokeRequests(): Promise<string[]> {
  const upstream = await startUpstream();
  try {
    const small = { REQUEST_MAX_SIZE_MB: "0.05", REQUEST_TIMEOUT: "1000" };
    return [
      ...(await withRelay(small, (stage) => refuseKeys({ ...stage, upstream }))),
      ...(await withRelay(small, (stage) => refuseAccounts({ ...stage, upstream }))),
      ...(await withRelay({ ALLOW_PRIVATE_UPSTREAMS: "false" }, (stage) => refusePrivate({ ...stage, upstream }))),
      ...(await withRelay({}, (stage) => drain({ ...stage, upstream }))),
      ...(await loseStores()),
    ];
  } finally {
    await upstream.stop();
  }
}

interface Relay {
  readonly server: RunningServer;
  /** Asks and gives the message of the refusal, or of the event that a stream ended with. */
  ask(asking: Asking): Promise<string>;
}

interface Stage extends Relay {
  readonly upstream: Upstream;
}

interface Asking {
  readonly secret?: string;
  readonly path?: string;
  readonly content?: string;
  readonly model?: string;
}

async function withRelay<T>(environment: Environment, work: (relay: Relay) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "relay-docs-"));
  const settings = { ...testEnvironment, DATA_DIR: directory, HOST: "127.0.0.1", PORT: "0", ...environment };
  const server = await startServer({ config: parseConfig(settings), write: () => undefined });
  try {
    return await work({ server, ask: (asking) => ask(server.url, asking) });
  } finally {
    await server.close(100);
    rmSync(directory, { recursive: true, force: true });
  }
}

async function ask(url: string, { secret, path = "/api/v1/messages", content = "hi", model }: Asking): Promise<string> {
  const messages = [{ role: "user", content }];
  const body = { model: model ?? "claude-sonnet-4-5", max_tokens: 64, stream: true, messages, input: content };
  const response = await fetch(url + path, {
    method: "POST",
    headers: {
      ...{ "content-type": "application/json", "anthropic-version": "2023-06-01" },
      ...(secret === undefined ? {} : { "x-api-key": secret }),
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const message = /"message":("(?:[^"\\]|\\.)*")\s*[,}](?!.*"message":")/s.exec(text)?.[1];
  return message === undefined ? text : (JSON.parse(message) as string);
}

const bound = (id: string) => ({ bindings: { claude: id } });

async function refuseKeys({ server: { env }, ask, upstream }: Stage): Promise<string[]> {
  await addAccount(env, { id: "good", baseUrl: upstream.url }, { kind: "api-key", secret: "sk-sim-ok" });
  const told = [await ask({}), await ask({ secret: `cr_${"0".repeat(64)}` }), await ask({ path: "/nowhere" })];
  const changes: readonly Partial<ApiKey>[] = [
    { isEnabled: false },
    { expiresAt: Date.now() - 1_000 },
    { ips: ["203.0.113.0/24"] },
    { permissions: ["openai"] },
    { clients: ["claude-code"] },
    { blockedModels: ["claude-*"] },
  ];
  const replaced = await addKey(env, { name: "Replaced" });
  await rotateKey(replaced.key, { hash: "0".repeat(64), prefix: "cr_" }, 0, env);
  told.push(await ask({ secret: replaced.secret }));
  for (const change of changes) told.push(await ask({ secret: (await addKey(env, change)).secret }));
  const { secret } = await addKey(env, { name: "Poor", dailyCostNanos: 1 });
  await ask({ secret });
  told.push(await ask({ secret }), await ask({ secret: (await addKey(env, {})).secret, content: "x".repeat(60_000) }));
  const { secret: single } = await addKey(env, { name: "Single", concurrency: 1 });
  const both = [
    ask({ secret: single, content: "[[sim:pace=50]]" }),
    ask({ secret: single, content: "[[sim:pace=50]]" }),
  ];
  return [...told, ...(await Promise.all(both))];
}

async function refuseAccounts({ server: { env }, ask, upstream }: Stage): Promise<string[]> {
  const { secret } = await addKey(env, { name: "Any" });
  const told = [await ask({ secret })];
  const signedIn: Credential = { kind: "oauth", accessToken: "sk-ant-oat01-sim", expiresAt: Date.now() + 3_600_000 };
  await addAccount(env, { id: "signed-in", kind: "claude" }, signedIn);
  told.push(await ask({ secret: (await addKey(env, { name: "Signed in" })).secret }));
  const accounts: readonly [Partial<Account>, string][] = [
    [{ id: "resting" }, "sk-sim-429"],
    [{ id: "rejected" }, "sk-sim-401"],
    [{ id: "gone", baseUrl: "http://127.0.0.1:9" }, "sk-sim-ok"],
    [{ id: "late" }, "sk-sim-slow-headers"],
    [{ id: "silent" }, "sk-sim-silence=2"],
    [{ id: "cut" }, "sk-sim-cut=3"],
  ];
  for (const [change, credential] of accounts) {
    await addAccount(env, { baseUrl: upstream.url, ...change }, { kind: "api-key", secret: credential });
    const key = await addKey(env, { name: change.id ?? "", ...bound(change.id ?? "") });
    told.push(await ask({ secret: key.secret }), await ask({ secret: key.secret }));
  }
  const other = parseConfig({ ...testEnvironment, ENCRYPTION_KEY: "o".repeat(32) });
  const credential = sealCredential("sealed", { kind: "api-key", secret: "sk-sim-ok" }, { ...env, config: other });
  await addAccount(env, { id: "sealed", baseUrl: upstream.url, credential }, { kind: "api-key", secret: "unused" });
  return [...told, await ask({ secret: (await addKey(env, { name: "Sealed", ...bound("sealed") })).secret })];
}

async function refusePrivate({ server: { env }, ask, upstream }: Stage): Promise<string[]> {
  await addAccount(env, { id: "inside", baseUrl: upstream.url }, { kind: "api-key", secret: "sk-sim-ok" });
  return [await ask({ secret: (await addKey(env, {})).secret })];
}

async function drain({ server, ask, upstream }: Stage): Promise<string[]> {
  const credential = { kind: "api-key", secret: "sk-sim-pace=200+deltas=100" } as const;
  await addAccount(server.env, { id: "slow", baseUrl: upstream.url }, credential);
  const running = ask({ secret: (await addKey(server.env, {})).secret });
  await upstream.until(({ credential }) => credential.includes("pace=200"));
  await server.close(50);
  return [await running];
}

/** Redis stops while the relay runs; Upstash's plan is spent. */
async function loseStores(): Promise<string[]> {
  const redis = await startRedis();
  const upstash = await startUpstash(redis);
  const secret = `cr_${"1".repeat(64)}`;
  const health = async ({ server }: Relay) => (await fetch(`${server.url}/health?deep=1`)).text();
  try {
    const rest = { UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: upstash.token };
    const spent = await withRelay(rest, async (relay) => {
      upstash.setQuota(0);
      return relay.ask({ secret });
    });
    const lost = await withRelay({ REDIS_HOST: redis.host, REDIS_PORT: String(redis.port) }, async (relay) => {
      const up = await health(relay);
      await redis.stop();
      return [up, await relay.ask({ secret }), await health(relay)];
    });
    return [spent, ...lost];
  } finally {
    await upstash.stop();
  }
}
