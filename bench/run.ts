import { startRedis } from "../test/redis/server.ts";
import {
  ask,
  buildAgent,
  buildBody,
  closeAgents,
  measureFirstBytes,
  measureRate,
  median,
  quantile,
  type Target,
} from "./load.ts";
import { type Server, startProcess, startRelay } from "./servers.ts";

/**
 * The relay beside a bare `undici.stream` pass-through, in one run, as ratios: `npm run bench`. Rounds alternate, so that a
 * machine whose speed drifts drifts for all of them. `-- --quick` for a short look.
 */
const isQuick = process.argv.includes("--quick");
const rounds = isQuick ? 3 : 7;
const roundMs = isQuick ? 1_500 : 3_000;
const body = buildBody(2_000);

interface Subject {
  readonly name: string;
  readonly server: Server;
  readonly target: Target;
}

const upstream = await startProcess("../test/upstream/main.ts", ["--port", "0"]);
const redis = await startRedis();
const passthrough = await startProcess("passthrough.ts", [upstream.url]);
const embedded = await startRelay(upstream.url);
const overRedis = await startRelay(upstream.url, { host: "127.0.0.1", port: redis.port });

const build = (name: string, server: Server, secret: string): Subject => ({
  name,
  server,
  target: {
    url: `${server.url}/v1/messages`,
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": secret },
    body,
  },
});
const bare = build("pass-through", passthrough, "sk-ant-sim-bench");
const relays = [
  build("relay, embedded store", embedded, embedded.secret),
  build("relay, Redis", overRedis, overRedis.secret),
];
const subjects = [bare, ...relays];

async function throughput(parallel: number): Promise<void> {
  const agent = buildAgent();
  for (const { target } of subjects) await measureRate(agent, target, parallel, roundMs);
  const rates = new Map(subjects.map(({ name }) => [name, [] as number[]]));
  const ratios = new Map(relays.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    const yardstick = await measureRate(agent, bare.target, parallel, roundMs);
    rates.get(bare.name)?.push(yardstick);
    for (const { name, target } of relays) {
      const rate = await measureRate(agent, target, parallel, roundMs);
      rates.get(name)?.push(rate);
      ratios.get(name)?.push(rate / yardstick);
    }
  }
  for (const { name } of subjects) {
    const ratio = ratios.get(name);
    const share = ratio
      ? ` ${median(ratio).toFixed(2)} × (${Math.min(...ratio).toFixed(2)}–${Math.max(...ratio).toFixed(2)})`
      : "";
    console.log(
      `| ${parallel} parallel streams of 22 chunks | ${name} | ${Math.round(median(rates.get(name) ?? []))} a second |${share} |`,
    );
  }
}

async function firstBytes(): Promise<void> {
  const agent = buildAgent();
  const times = new Map(subjects.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, target } of subjects)
      times.get(name)?.push(...(await measureFirstBytes(agent, target, 100, isQuick ? 150 : 300)));
  }
  const yardstick = times.get(bare.name) ?? [];
  for (const { name } of subjects) {
    const values = times.get(name) ?? [];
    const added = [0.5, 0.99].map(
      (share) => `+${(quantile(values, share) - quantile(yardstick, share)).toFixed(2)} ms`,
    );
    console.log(
      `| first byte at 100 a second | ${name} | ${quantile(values, 0.5).toFixed(2)} ms, p99 ${quantile(values, 0.99).toFixed(2)} ms | ${added.join(", p99 ")} |`,
    );
  }
}

async function idleMemory(): Promise<void> {
  const streams = 1_000;
  const grown = new Map<string, number>();
  for (const subject of subjects) {
    const agent = buildAgent();
    await measureRate(agent, subject.target, 16, 500);
    const before = subject.server.rss();
    const idle = { ...subject.target, body: body.replace("xxxx", "[[sim:idle]]") };
    const open = Array.from({ length: streams }, () =>
      ask(agent, { ...idle, headers: { ...idle.headers, ...idleHeaders(subject) } }).catch(() => undefined),
    );
    await new Promise((resolve) => setTimeout(resolve, isQuick ? 4_000 : 8_000));
    grown.set(subject.name, subject.server.rss() - before);
    const share =
      subject === bare ? "" : ` ${((grown.get(subject.name) ?? 0) / (grown.get(bare.name) ?? 1)).toFixed(2)} ×`;
    console.log(
      `| memory of 1,000 open idle streams | ${subject.name} | ${grown.get(subject.name)?.toFixed(0)} MB more (${subject.server.rss().toFixed(0)} MB in all) |${share} |`,
    );
    await agent.destroy();
    await Promise.all(open);
  }
}

/** The pass-through shows the credential itself, and the prepared one does not look at the prompt. */
function idleHeaders(subject: Subject): Record<string, string> {
  return subject === bare ? { "x-api-key": "sk-ant-sim" } : {};
}

console.log("| what | who | measured | against the pass-through |\n|---|---|---|---|");
await throughput(16);
await throughput(256);
await firstBytes();
await idleMemory();
await closeAgents();
await Promise.all([passthrough, embedded, overRedis, upstream].map((server) => server.stop()));
await redis.stop();
process.exit(0);
