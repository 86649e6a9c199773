import { buildEvent } from "../test/usage.ts";
import { startRig } from "../test/rig.ts";
import { startRedis } from "../test/redis/server.ts";
import { openStore } from "../functions/stores/index.ts";
import { rollUp } from "../functions/core/usage/rollup/rollup.ts";
import { daysBetween, nextDay } from "../functions/core/usage/rollup/retention.ts";
import { figure, sumFigures } from "../functions/core/usage/totals.ts";
import { readDays } from "../functions/core/usage/statistics.ts";
import { usageLog } from "../functions/core/usage/log.ts";

/** Folds a log on a loopback Redis, then reads a dashboard of 500 keys over 30 days: events a second, memory, billed commands. */
const keys = 500;
const models = ["claude-opus-5", "claude-sonnet-5", "claude-haiku-5", "gpt-6-codex"];
const accounts = 8;
const days = 30;
const events = Number(process.argv[2] ?? 200_000);
const lastAt = Date.UTC(2026, 9, 30, 23);

const redis = await startRedis();
const store = await openStore({ redis, prefix: "relay:", dataDir: "/nowhere" }, Date.now);
const rig = await startRig({ store, startAt: lastAt });
const { env } = rig;

const pick = (index: number, of: number, salt: number) =>
  (Math.imul(index + 1, salt) >>> 8) & 0xffff_ffff ? (Math.imul(index + 1, salt) >>> 8) % of : 0;

/** Calls come in the order of time, as they do in a log. */
function eventOf(index: number) {
  const at = lastAt - days * 86_400_000 + Math.floor((index / events) * days * 86_400_000);
  const key = `${pick(index, keys, 2_654_435_761)}`.padStart(32, "k");
  return buildEvent({
    id: `0199c2d4-0000-7000-8000-${String(index).padStart(12, "0")}`,
    at,
    key,
    account: `account-${pick(index, accounts, 40_503)}`,
    model: models[pick(index, models.length, 2_246_822_519)],
    costNanos: 12_345_678 + index,
    usage: { inputTokens: 1_234, outputTokens: 567, cacheReadTokens: 34_567, cacheWrite5mTokens: 890 },
    attempts: [
      { account: "account-1", status: 200, reason: "served", startedMs: 1, ms: 4_000, charge: "charged", costNanos: 0 },
    ],
  });
}

for (let from = 0; from < events; from += 2_000) {
  const batch = Array.from({ length: Math.min(2_000, events - from) }, (_, index) => eventOf(from + index));
  await Promise.all(batch.map((event) => store.append(usageLog, JSON.stringify(event))));
}

const memory = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
};
const before = memory();
let most = before;
const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().heapUsed / 2 ** 20)), 20);
await redis.resetCommandCount();
const startedAt = performance.now();
const cpuBefore = process.cpuUsage();
const report = await rollUp(Number.POSITIVE_INFINITY, env);
const seconds = (performance.now() - startedAt) / 1000;
const cpu = process.cpuUsage(cpuBefore);
clearInterval(watch);
const commands = await redis.commandCount();

const first = nextDay(new Date(lastAt - days * 86_400_000).toISOString().slice(0, 10));
const wanted = daysBetween(first, nextDay("2026-10-30"));
await redis.resetCommandCount();
const cold = performance.now();
const sums = await readDays(wanted, env);
const coldMs = performance.now() - cold;
const pageCommands = await redis.commandCount();
rig.pass(2_000);
const warm = performance.now();
await readDays(wanted, env);
const warmMs = performance.now() - warm;
const total = sumFigures(sums.flatMap((day) => [...day.keys.values()]));

console.log(
  JSON.stringify(
    {
      ...report,
      eventsPerSecond: Math.round(events / seconds),
      eventsPerProcessorSecond: Math.round((events / (cpu.user + cpu.system)) * 1e6),
      commandsPerThousandEvents: Number((commands / report.batches).toFixed(1)),
      heapMb: { before: Math.round(before), most: Math.round(most), after: Math.round(memory()) },
      dashboard: {
        days: sums.length,
        keys: sums[5]?.keys.size,
        requests: figure(total, "requests"),
        commands: pageCommands,
        coldMs: Math.round(coldMs),
        againMs: Math.round(warmMs),
      },
    },
    undefined,
    2,
  ),
);

await rig.stop();
await store.close();
await redis.stop();
