import { accountOperations } from "../functions/admin/accounts/accounts.ts";
import { keyOperations } from "../functions/admin/keys/keys.ts";
import type { Given } from "../functions/admin/http/operation.ts";
import { usageOperations } from "../functions/admin/usage/usage.ts";
import { listJobs } from "../functions/operations/jobs/jobs.ts";
import { runRollup } from "../functions/operations/jobs/rollup.ts";
import { handle as messages } from "../functions/endpoints/relay/messages.ts";
import type { Env } from "../functions/env.ts";
import { prepareKeyFilter } from "../functions/core/accounts/key-filter.ts";
import { readPool } from "../functions/core/accounts/pool.ts";
import type { ApiKey } from "../functions/core/keys/key.ts";
import { openStore } from "../functions/stores/index.ts";
import type { Store } from "../functions/stores/store.ts";
import { type RedisServer, startRedis } from "../test/redis/server.ts";
import { call, type Rig, startRig } from "../test/rig.ts";
import { startUpstream } from "../test/upstream/upstream.ts";
import { fillSample } from "../test/sample.ts";

/** One row of the command budget (docs/decisions.md): what happens, what it may cost, what it did cost in billed Redis commands. */
export interface BudgetRow {
  readonly situation: string;
  readonly most: number;
  readonly commands: number;
}

const limits: Partial<ApiKey> = { concurrency: 1_000, dailyCostNanos: 1e15 };
const everyLimit: Partial<ApiKey> = {
  ...limits,
  windowMinutes: 60,
  windowRequests: 1e6,
  windowTokens: 1e12,
  windowCostNanos: 1e15,
  weeklyCostNanos: 1e15,
  weeklyFamilyCostNanos: { sonnet: 1e15 },
  totalCostNanos: 1e15,
  totalTokens: 1e12,
};

/** The account that serves, and the store by which the rest is measured. */
interface Bench {
  readonly redis: RedisServer;
  readonly rig: Rig;
  /** Billed commands of some work and of what it left to do. */
  billed(work: () => Promise<unknown>): Promise<number>;
  /** Of all that was billed so far: commands that go through the data set. */
  searches(): number;
}

const searching = /^cmdstat_(keys|scan|hscan|sscan|zscan|randomkey):calls=(\d+)/gm;

async function openBench(): Promise<Bench & { close(): Promise<void> }> {
  const redis = await startRedis();
  const upstream = await startUpstream();
  // At noon, since in the first minutes of a day yesterday's last slot costs a command of its own.
  const noon = Math.floor(Date.now() / 86_400_000) * 86_400_000 + 43_200_000;
  const store = await openStore(
    { prefix: "relay:", dataDir: "unused", redis: { host: "127.0.0.1", port: redis.port, db: 0, tls: false } },
    Date.now,
  );
  const rig = await startRig({ store, startAt: noon });
  await rig.addAccount({ baseUrl: upstream.url });
  let searches = 0;
  const billed = async (work: () => Promise<unknown>): Promise<number> => {
    await rig.settled();
    await redis.resetCommandCount();
    await work();
    await rig.settled();
    const commands = await redis.commandCount();
    const stats = String(await redis.send("INFO", "commandstats"));
    searches += [...stats.matchAll(searching)].reduce((sum, [, , calls]) => sum + Number(calls), 0);
    return commands;
  };
  const close = async () => {
    await rig.stop();
    await store.close();
    await upstream.stop();
    await redis.stop();
  };
  return { redis, rig, billed, searches: () => searches, close };
}

/**
 * The whole table, measured on a genuine Redis by INFO commandstats, which counts what scripts call inside as the provider
 * bills it. `idleMs`: how long to watch an idle server.
 */
export async function measureBudget(idleMs: number): Promise<BudgetRow[]> {
  const bench = await openBench();
  try {
    const rows = [
      ...(await measureMessages(bench)),
      ...(await measureRounds(bench)),
      ...(await measureUpkeep(bench, idleMs)),
      await measureDashboard(bench),
    ];
    const beside = bench.searches() + (await countRewritten(bench));
    return [...rows, { situation: "all of these: KEYS, SCAN, columns rewritten unchanged", most: 0, commands: beside }];
  } finally {
    await bench.close();
  }
}

async function measureMessages({ rig, billed }: Bench): Promise<BudgetRow[]> {
  const rows: BudgetRow[] = [];
  const warm = async (situation: string, most: number, change: Partial<ApiKey>) => {
    const { secret } = await rig.addKey(change);
    await relayOne(rig, secret);
    rows.push({ situation, most, commands: await billed(() => relayOne(rig, secret)) });
  };
  await warm("relayed message, warm caches, key with no limits", 2, {});
  await warm("relayed message, warm caches, concurrency and daily cost limit", 3, limits);
  await warm("relayed message, warm caches, every limit kind", 9, everyLimit);
  const { secret } = await rig.addKey(limits);
  await relayOne(rig, secret);
  const cold = await billed(() => relayOne({ env: { ...rig.env } }, secret));
  return [
    ...rows,
    { situation: "relayed message, cold caches (a fresh instance), typical key", most: 6, commands: cold },
  ];
}

/** How many times the store was waited for, one after the other, before the upstream was called. */
async function measureRounds({ rig }: Bench): Promise<BudgetRow[]> {
  const { secret } = await rig.addKey(everyLimit);
  await relayOne(rig, secret);
  let waited = 0;
  let untilSent = 0;
  const timed = <A extends unknown[], R>(verb: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      const round = waited + 1;
      const reply = await verb(...args);
      waited = Math.max(waited, round);
      return reply;
    };
  };
  const { store } = rig.env;
  const watched: Store = { ...store, find: timed(store.find), list: timed(store.list), count: timed(store.count) };
  const env: Env = {
    ...rig.env,
    store: watched,
    dispatch: (outbound) => {
      untilSent = waited;
      return rig.env.dispatch(outbound);
    },
  };
  const rows: BudgetRow[] = [];
  for (const [caches, most] of [
    ["cold", 2],
    ["warm", 1],
  ] as const) {
    waited = 0;
    await relayOne({ env }, secret);
    await rig.settled();
    rows.push({
      situation: `sequential round trips before the upstream is contacted, ${caches}`,
      most,
      commands: untilSent,
    });
  }
  return rows;
}

async function measureUpkeep({ rig, billed }: Bench, idleMs: number): Promise<BudgetRow[]> {
  await runRollup(rig.env);
  // Once in a relay's life, at its start.
  await prepareKeyFilter(await readPool(rig.env), rig.env);
  const jobs = listJobs(rig.env.config);
  const once = async () => {
    for (const job of jobs) await job.run(rig.env);
  };
  const hour = async () => {
    for (const job of jobs) for (let minutes = 0; minutes < 60; minutes += job.intervalMinutes) await job.run(rig.env);
  };
  const idle = () => new Promise((resolve) => setTimeout(resolve, idleMs));
  const untimed = `idle for ${idleMs / 1000} seconds, no timer due; Lambda beside its schedules`;
  return [
    { situation: "idle service, Docker, per hour, default intervals", most: 6, commands: await billed(hour) },
    { situation: untimed, most: 0, commands: await billed(idle) },
    { situation: "one maintenance run with nothing to do", most: 3, commands: await billed(once) },
  ];
}

async function measureDashboard({ rig, billed }: Bench): Promise<BudgetRow> {
  await fillSample({ keys: 500, days: 30, callsADay: 40 }, rig.env);
  // An instance that knows nothing yet: the page's figures, the live ones, and the limits of its accounts.
  const env: Env = { ...rig.env };
  const page = async () => {
    for (const id of ["getUsageOverview", "getUsageLive", "listUsageOfAccounts"]) {
      const asked = usageOperations.find((operation) => operation.id === id);
      await asked?.run({ query: {}, params: {}, body: {} } as Given, env);
    }
  };
  return { situation: "one dashboard page, 500 keys, 30 days", most: 40, commands: await billed(page) };
}

/** One field of a key and one of an account are changed: whatever else is written is too much, but the pool's version. */
async function countRewritten({ rig }: Bench): Promise<number> {
  const written: string[] = [];
  const put: Store["put"] = (table, fields) => {
    written.push(...Object.keys(fields).filter((field) => !field.startsWith("@")));
    return rig.env.store.put(table, fields);
  };
  const env: Env = { ...rig.env, store: { ...rig.env.store, put } };
  const { key } = await rig.addKey();
  const account = await rig.addAccount();
  const change = { isEnabled: false };
  const bodies = [keyOperations, accountOperations].map((operations, index) => ({
    operation: operations.find(({ id }) => id === ["updateKey", "updateAccount"][index]),
    id: [key.id, account.id][index],
  }));
  for (const { operation, id } of bodies)
    await operation?.run({ params: { id }, query: {}, body: change } as unknown as Given, env);
  return Math.abs(written.length - bodies.length);
}

async function relayOne(rig: Pick<Rig, "env">, secret: string): Promise<void> {
  const body = {
    model: "claude-sonnet-4-5",
    max_tokens: 1000,
    stream: true,
    messages: [{ role: "user", content: "hello" }],
  };
  const { answer } = await call(messages, { headers: { "x-api-key": secret }, body }, rig.env);
  if (answer.status !== 200) throw new Error(`status ${answer.status}`);
}
