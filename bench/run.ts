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
import type { Secrets } from "./prepare.ts";
import { type Server, startProcess, startRelay } from "./servers.ts";

/**
 * The relay beside a bare `undici.stream` pass-through, in one run, as ratios: `npm run bench`. Rounds alternate, so that a
 * machine whose speed drifts drifts for all of them. `-- --quick` for a short look, `-- --only throughput`, `first-byte` or
 * `memory` for a part of it.
 */
const isQuick = process.argv.includes("--quick");
const rounds = isQuick ? 4 : 7;
const roundMs = isQuick ? 2_000 : 3_000;
const body = buildBody(2_000);

interface Subject {
  readonly name: string;
  readonly server: Server;
  readonly target: Target;
  /** Shown for streams that stay open. */
  readonly idleSecret: string;
}

const upstream = await startProcess("../test/upstream/main.ts", ["--port", "0"]);
const redis = await startRedis();
const passthrough = await startProcess("passthrough.ts", [upstream.url]);
const embedded = await startRelay(upstream.url);
const overRedis = await startRelay(upstream.url, { host: "127.0.0.1", port: redis.port });

const build = (name: string, server: Server, secrets: Pick<Secrets, "bench" | "obedient">): Subject => ({
  name,
  server,
  idleSecret: secrets.obedient,
  target: {
    url: `${server.url}/v1/messages`,
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": secrets.bench },
    body,
  },
});
const bare = build("pass-through", passthrough, { bench: "sk-ant-sim-bench", obedient: "sk-ant-sim" });
const relays = [
  build("relay, embedded store", embedded, embedded.secrets),
  build("relay, Redis", overRedis, overRedis.secrets),
];
/** The same servers with every kind of limit on. */
const limited = [
  build("relay, embedded store, every limit", embedded, { ...embedded.secrets, bench: embedded.secrets.limited }),
  build("relay, Redis, every limit", overRedis, { ...overRedis.secrets, bench: overRedis.secrets.limited }),
];
const subjects = [bare, ...relays];
const agent = buildAgent();

/** Starts a subject anew; the pass-through first, since it is the yardstick. */
const fresh: [string, () => Promise<[Server, Pick<Secrets, "bench" | "obedient">]>][] = [
  [
    bare.name,
    async () => [
      await startProcess("passthrough.ts", [upstream.url]),
      { bench: "sk-ant-sim-bench", obedient: "sk-ant-sim" },
    ],
  ],
  ["relay, embedded store", () => startRelay(upstream.url).then((server) => [server, server.secrets])],
];

interface Measured {
  /** Streams a second, by round. */
  readonly rates: number[];
  /** Processor time of the server for a stream, by round: what other work on the machine disturbs least. */
  readonly cpuMs: number[];
}

async function measureRound({ server, target }: Subject, parallel: number, into: Measured): Promise<number> {
  const [cpuBefore, startedAt] = [server.cpuMs(), performance.now()];
  const rate = await measureRate(agent, target, parallel, roundMs);
  into.rates.push(rate);
  into.cpuMs.push((server.cpuMs() - cpuBefore) / ((rate * (performance.now() - startedAt)) / 1_000));
  return rate;
}

async function throughput(parallel: number, tried: readonly Subject[]): Promise<void> {
  // Some ten thousand calls: V8 makes the last of its machine code so late.
  for (const { target } of [bare, ...tried]) await measureRate(agent, target, parallel, 3 * roundMs);
  const measured = new Map([bare, ...tried].map((subject) => [subject, { rates: [], cpuMs: [] } as Measured]));
  const ratios = new Map(tried.map((subject) => [subject, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    let yardstick = 0;
    for (const [subject, into] of measured) {
      const rate = await measureRound(subject, parallel, into);
      yardstick ||= rate;
      ratios.get(subject)?.push(rate / yardstick);
    }
  }
  for (const [subject, { rates, cpuMs }] of measured) {
    const ratio = ratios.get(subject);
    const share = ratio
      ? ` ${median(ratio).toFixed(2)} × (${Math.min(...ratio).toFixed(2)}–${Math.max(...ratio).toFixed(2)})`
      : "";
    console.log(
      `| ${parallel} parallel streams of 22 chunks | ${subject.name} | ${Math.round(median(rates))} a second, ${median(cpuMs).toFixed(2)} ms of processor time each |${share} |`,
    );
  }
}

async function firstBytes(): Promise<void> {
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

/** Each in a process of its own that has served a little and rested: what 1,000 streams that wait for a model add to it. */
async function idleMemory(): Promise<void> {
  let yardstick = 0;
  for (const [name, start] of fresh) {
    const subject = build(name, ...(await start()));
    const agent = buildAgent();
    // Long enough for the young generation to have its size: else its growth would be counted as the streams'.
    await measureRate(agent, subject.target, 8, 4_000);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const [before, resident] = [await subject.server.inUse(), subject.server.rss()];
    const target = {
      ...subject.target,
      body: body.replace("xxxxxxxxxxxx", "[[sim:idle]]"),
      headers: { ...subject.target.headers, "x-api-key": subject.idleSecret },
    };
    const open = Array.from({ length: 1_000 }, () => ask(agent, target).catch(() => undefined));
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    const grownResident = subject.server.rss() - resident;
    const grown = (await subject.server.inUse()) - before;
    yardstick ||= grown;
    const share = grown === yardstick ? "" : ` ${(grown / yardstick).toFixed(2)} ×`;
    console.log(
      `| memory of 1,000 open idle streams | ${name} | ${grown.toFixed(0)} MB more in use (${grownResident.toFixed(0)} MB more resident) |${share} |`,
    );
    await subject.server.stop();
    await agent.destroy();
    await Promise.all(open);
  }
}

console.log("| what | who | measured | against the pass-through |\n|---|---|---|---|");
const only = /--only[ =](\S+)/.exec(process.argv.join(" "))?.[1];
const isWanted = (part: string) => only === undefined || only === part;
if (isWanted("throughput")) await throughput(16, [...relays, ...limited]);
if (isWanted("throughput")) await throughput(256, relays);
if (isWanted("first-byte")) await firstBytes();
if (isWanted("memory")) await idleMemory();
await closeAgents();
await Promise.all([passthrough, embedded, overRedis, upstream].map((server) => server.stop()));
await redis.stop();
process.exit(0);
