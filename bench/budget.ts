import { runCleanup } from "../functions/cron/cleanup.ts";
import { runRefresh } from "../functions/cron/refresh.ts";
import { runRollup } from "../functions/cron/rollup.ts";
import { handle as messages } from "../functions/endpoints/relay/messages.ts";
import type { ApiKey } from "../functions/records/key.ts";
import { openStore } from "../functions/stores/index.ts";
import { startRedis } from "../test/redis/server.ts";
import { call, type Rig, startRig } from "../test/rig.ts";
import { startUpstream } from "../test/upstream/upstream.ts";

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

/** Measured on a genuine Redis by INFO commandstats, which counts what scripts call inside as the provider bills it. `idleMs`: how long to watch an idle server. */
export async function measureBudget(idleMs: number): Promise<BudgetRow[]> {
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
  const billed = async (work: () => Promise<unknown>): Promise<number> => {
    await rig.settled();
    await redis.resetCommandCount();
    await work();
    await rig.settled();
    return redis.commandCount();
  };
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
  const cold = { ...rig, env: { ...rig.env } };
  rows.push({
    situation: "relayed message, cold caches (a fresh instance), typical key",
    most: 6,
    commands: await billed(() => relayOne(cold, secret)),
  });
  await runRollup(rig.env);
  const maintain = async () => {
    for (const job of [runRefresh, runCleanup, runRollup]) await job(rig.env);
  };
  rows.push({ situation: "one maintenance run with nothing to do", most: 3, commands: await billed(maintain) });
  const idle = () => new Promise((resolve) => setTimeout(resolve, idleMs));
  rows.push({ situation: `idle for ${idleMs / 1000} seconds, no timer due`, most: 0, commands: await billed(idle) });
  await rig.stop();
  await store.close();
  await upstream.stop();
  await redis.stop();
  return rows;
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
