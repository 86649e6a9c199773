import type { Env } from "../functions/env.ts";
import { toFailure } from "../functions/failure.ts";
import { findKey, keyFields, keysTable, listKeys } from "../functions/core/keys/key.ts";
import { buildSecret, hashSecret, idOfHash } from "../functions/core/keys/secret.ts";
import { accountFields, buildPool } from "../functions/core/accounts/pool.ts";
import { sealCredential } from "../functions/core/accounts/credential.ts";
import { openStore } from "../functions/stores/index.ts";
import type { Store } from "../functions/stores/store.ts";
import { testEnvironment } from "../test/environment.ts";
import { startRedis } from "../test/redis/server.ts";
import { quantile } from "./load.ts";
import { type Plan, simulate } from "./lambda-model.ts";
import { buildEnv } from "./prepare.ts";

/**
 * `npm run bench:simulate [-- --quick]`: what docs/scale.md quotes. First what can be measured here: a million keys in a genuine
 * Redis, and how long an instance takes to read the accounts. Then a model of what cannot: Lambda and Upstash under load.
 */
const isQuick = process.argv.includes("--quick");
const sizes = isQuick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000];
const environment = { ...testEnvironment, REDIS_HOST: "127.0.0.1" };

const redis = await startRedis();
const store = await openStore({ redis, prefix: "relay:", dataDir: "/nowhere" }, Date.now);
await measureKeys(store);
await store.close();
await redis.stop();
measureAccounts();
showModel();

async function measureKeys(store: Store): Promise<void> {
  console.log(
    "| keys | memory of Redis | a key | cold lookup, median | p99 | reading the whole list |\n|---|---|---|---|---|---|",
  );
  const hashes: string[] = [];
  const emptyBytes = await memoryBytes();
  for (const size of sizes) {
    while (hashes.length < size) hashes.push(...(await addKeys(Math.min(1_000, size - hashes.length), store)));
    const bytes = (await memoryBytes()) - emptyBytes;
    const times = await lookUp(hashes, store);
    const listing = await readList(size, store);
    const row = [
      size.toLocaleString("en"),
      `${(bytes / 1e6).toFixed(0)} MB`,
      `${(bytes / size).toFixed(0)} B`,
      `${quantile(times, 0.5).toFixed(2)} ms`,
      `${quantile(times, 0.99).toFixed(2)} ms`,
      listing,
    ];
    console.log(`| ${row.join(" | ")} |`);
  }
}

/** The console's list of keys: one command, which Redis answers with all of them. */
async function readList(size: number, store: Store): Promise<string> {
  const startedAt = performance.now();
  try {
    const { length } = await listKeys(buildEnv(store, environment));
    if (length !== size) throw new Error(`${length} of ${size} keys were listed.`);
    return `${((performance.now() - startedAt) / 1000).toFixed(2)} s`;
  } catch (error) {
    if (toFailure(error).code !== "store.unavailable") throw error;
    return "none: the store's time is over before the answer is there";
  }
}

/** As the console makes a key: a name, an owner, a concurrency and a daily limit. */
async function addKeys(count: number, store: Store): Promise<string[]> {
  const env = buildEnv(store, environment);
  const fields: Record<string, string> = {};
  const hashes = Array.from({ length: count }, () => {
    const secret = buildSecret(env);
    const hash = hashSecret(secret);
    const named = { hash, prefix: secret.slice(0, 10), name: `key ${hash.slice(0, 6)}`, owner: "somebody@example.com" };
    const key = { ...named, createdAt: Date.now(), concurrency: 5, dailyCostNanos: 10e9 };
    Object.assign(fields, keyFields(idOfHash(hash), key));
    return hash;
  });
  await store.put(keysTable, fields);
  return hashes;
}

async function lookUp(hashes: readonly string[], store: Store): Promise<number[]> {
  // An instance that knows nothing yet.
  const env: Env = buildEnv(store, environment);
  const times: number[] = [];
  for (let turn = 0; turn < 2_000; turn += 1) {
    const hash = hashes[(turn * 7_919) % hashes.length] ?? "";
    const startedAt = performance.now();
    const { key } = await findKey(hash, env);
    times.push(performance.now() - startedAt);
    if (!key) throw new Error("A key was not found.");
  }
  return times;
}

async function memoryBytes(): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(String(await redis.send("INFO", "memory")))?.[1]);
}

function measureAccounts(): void {
  console.log("\n| accounts | snapshot | read by an instance in |\n|---|---|---|");
  const env = buildEnv(store, environment);
  for (const size of [10, 100, 1_000, 10_000]) {
    const fields: Record<string, string> = {};
    for (let made = 0; made < size; made += 1) {
      const id = `account-${made}`;
      const credential = sealCredential(id, { kind: "api-key", secret: "s".repeat(108) }, env);
      const account = accountFields(id, { name: id, kind: "anthropic", createdAt: Date.now(), credential });
      for (const [field, value] of Object.entries(account)) fields[field] = JSON.stringify(value);
    }
    const bytes = Object.entries(fields).reduce((sum, [field, value]) => sum + field.length + value.length, 0);
    const times = Array.from({ length: 9 }, () => {
      const startedAt = performance.now();
      buildPool(fields, "1");
      return performance.now() - startedAt;
    });
    console.log(
      `| ${size.toLocaleString("en")} | ${(bytes / 1e3).toFixed(0)} kB | ${quantile(times, 0.5).toFixed(2)} ms |`,
    );
  }
}

function showModel(): void {
  const usual = { answerSeconds: 12, commands: 3, coldCommands: 6, snapshotKb: 45, changeSeconds: 60 };
  const aws = { concurrencyLimit: 1_000, growthPer10s: 1_000, commandsPerSecond: 10_000 };
  const raised = { ...aws, concurrencyLimit: 100_000 };
  const plans: Plan[] = [
    { name: "a team", streams: 100, ...usual, ...aws },
    { name: "AWS as it comes", streams: 1_500, ...usual, ...aws },
    { name: "concurrency raised", streams: 10_000, ...usual, ...raised },
    { name: "1,000 accounts", streams: 10_000, ...usual, ...raised, snapshotKb: 450 },
    { name: "100,000 streams", streams: 100_000, ...usual, ...raised },
    { name: "100,000 streams, 10 stages", streams: 10_000, ...usual, ...raised, copies: 10 },
  ];
  const head = [
    "load",
    "open streams",
    "messages/s",
    "executions",
    "refused by Lambda",
    "commands/s",
    "store over its limit",
  ];
  console.log(`\n| ${[...head, "accounts read", "Lambda an hour"].join(" | ")} |\n|${"---|".repeat(head.length + 2)}`);
  for (const plan of plans) {
    const { name, ...figures } = simulate(plan);
    console.log(`| ${[name, ...Object.values(figures)].join(" | ")} |`);
  }
}
