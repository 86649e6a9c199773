import type { Env } from "../functions/env.ts";
import { startRedis, type RedisServer } from "../test/redis/server.ts";
import { addAccount, addKey } from "../test/rig.ts";
import { ask, buildAgent, buildBody, closeAgents, measureRate, median, type Target } from "./load.ts";
import { type Server, startProcess, startRelayWith } from "./servers.ts";
import { measureDashboard } from "./statistics.ts";

/**
 * `npm run bench:scale`: what a message costs where there are 1,000 accounts and 10,000 keys, against 1 and 10, over each
 * store, in one run and as ratios; then what the console's front page costs. Rounds alternate, so that a machine whose speed
 * drifts drifts for both. Ten keys are in use in either case: a key's first message in some seconds reads its record.
 */
const isQuick = process.argv.includes("--quick");
const rounds = isQuick ? 3 : 9;
const roundMs = isQuick ? 1_000 : 1_500;
const parallel = 8;
const inUse = 10;
const small = { accounts: 1, keys: inUse };
const large = { accounts: 1_000, keys: 10_000 };

interface Subject {
  readonly server: Server;
  readonly redis: RedisServer | undefined;
  readonly targets: readonly Target[];
  readonly cpuMs: number[];
  readonly wallMs: number[];
  readonly commands: number[];
}

const upstream = await startProcess("../test/upstream/main.ts", ["--port", "0"]);

async function open(size: typeof small, redis: RedisServer | undefined): Promise<Subject> {
  const secrets: string[] = [];
  const fill = async (env: Env) => {
    for (let made = 0; made < size.accounts; made += 1) {
      const account = { id: `account-${made}`, kind: "anthropic", baseUrl: upstream.url };
      await addAccount(env, account, { kind: "api-key", secret: "sk-ant-sim-bench" });
    }
    for (let made = 0; made < size.keys; made += 500) {
      const add = () => addKey(env, { name: "bench", concurrency: 100_000, dailyCostNanos: 1e15 });
      const keys = await Promise.all(Array.from({ length: Math.min(500, size.keys - made) }, add));
      secrets.push(...keys.map(({ secret }) => secret));
    }
  };
  const server = await startRelayWith(fill, redis && { host: redis.host, port: redis.port });
  const step = Math.floor(secrets.length / inUse);
  const targets = secrets
    .filter((_secret, index) => index % step === 0)
    .map((secret) => ({
      url: `${server.url}/v1/messages`,
      headers: { "content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": secret },
      body: buildBody(2_000),
    }));
  return { server, redis, targets, cpuMs: [], wallMs: [], commands: [] };
}

async function measure({ server, redis, targets, cpuMs, wallMs, commands }: Subject): Promise<void> {
  const agent = buildAgent();
  await Promise.all(targets.map((target) => ask(agent, target)));
  await redis?.resetCommandCount();
  const cpuBefore = server.cpuMs();
  const startedAt = performance.now();
  const rates = await Promise.all(targets.slice(0, parallel).map((target) => measureRate(agent, target, 1, roundMs)));
  const seconds = (performance.now() - startedAt) / 1_000;
  const messages = rates.reduce((sum, rate) => sum + rate, 0) * seconds;
  cpuMs.push((server.cpuMs() - cpuBefore) / messages);
  wallMs.push((seconds * 1_000 * parallel) / messages);
  if (redis) commands.push((await redis.commandCount()) / messages);
  await agent.close();
}

const row = (what: string, one: readonly number[], other: readonly number[]) => {
  const [before, after] = [median(one), median(other)];
  // Each round's two halves are a second apart: what the machine does besides falls on both.
  const ratio = median(one.map((value, round) => (other[round] ?? 0) / value));
  console.log(`| ${what} | ${before.toFixed(2)} | ${after.toFixed(2)} | ${ratio.toFixed(2)} | ≤ 1.1 |`);
};

console.log("| a message, 8 at a time | 1 account, 10 keys | 1,000 accounts, 10,000 keys | ratio | goal |");
console.log("| --- | --- | --- | --- | --- |");
for (const kind of ["embedded", "Redis"]) {
  const stores = kind === "Redis" ? [await startRedis(), await startRedis()] : [];
  const [little, much] = [await open(small, stores[0]), await open(large, stores[1])];
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of round % 2 === 0 ? [little, much] : [much, little]) await measure(subject);
  }
  if (kind === "Redis") row("Redis: commands", little.commands, much.commands);
  row(`${kind}: processor time of the relay, ms`, little.cpuMs, much.cpuMs);
  row(`${kind}: time, ms`, little.wallMs, much.wallMs);
  await Promise.all([little.server.stop(), much.server.stop(), ...stores.map((store) => store.stop())]);
}
const dashboard = await measureDashboard(isQuick ? 3 : 7);
console.log("\n| front page, 500 keys × 30 days, Redis | measured | goal |\n| --- | --- | --- |");
console.log(
  `| commands | ${dashboard.commands} | ≤ 40 |\n| time of a server that knows nothing yet, ms | ${Math.round(dashboard.ms)} | ≤ 150 |`,
);
await closeAgents();
await upstream.stop();
process.exit(0);
