import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startRedis } from "../test/redis/server.ts";
import { buildAgent, buildBody, closeAgents, measureFirstBytes, median, quantile, type Target } from "./load.ts";
import { measureIdleMemory } from "./memory.ts";
import { type Server, startProcess, startRelay } from "./servers.ts";
import { drive } from "./wrk.ts";

/**
 * The relay beside a bare `undici.stream` pass-through, as ratios: `npm run bench`. In each round every subject is a fresh
 * process, warmed up by 2,000 messages, in shuffled order, driven by `wrk`; a second pass-through is the control, whose
 * distance from 1 is the noise. `-- --rounds 3`, `--seconds 2`, `--only "16 streams"` for a part.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
  },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
const warmUp = 2_000;

const streamed = (bytes: number) => buildBody(bytes);
const plain = (bytes: number) => buildBody(bytes).replace('"stream":true', '"stream":false');

/** What is sent, how much at once, and which key: `limited` has every kind of limit. */
const rows: { name: string; body: string; parallel: number; key?: "limited" }[] = [
  { name: "16 streams", body: streamed(2_000), parallel: 16 },
  { name: "16 streams, every limit", body: streamed(2_000), parallel: 16, key: "limited" },
  { name: "256 streams", body: streamed(2_000), parallel: 256 },
  { name: "16 answers of small JSON", body: plain(2_000), parallel: 16 },
  { name: "256 answers of small JSON", body: plain(2_000), parallel: 256 },
  { name: "16 streams, 200 kB bodies", body: streamed(200_000), parallel: 16 },
  { name: "16 streams, 1 MB bodies", body: streamed(1_000_000), parallel: 16 },
];

interface Started {
  readonly server: Server;
  readonly secret: (key: "bench" | "limited") => string;
}

const upstream = await startProcess("upstream.ts", []);
const redis = await startRedis();
const barely = async (): Promise<Started> => ({
  server: await startProcess("passthrough.ts", [upstream.url]),
  secret: () => "sk-ant-sim-bench",
});
const relay = async (at?: { host: string; port: number }): Promise<Started> => {
  if (at) await redis.send("FLUSHALL");
  const server = await startRelay(upstream.url, at);
  return { server, secret: (key) => server.secrets[key] };
};
const yardstick = "pass-through";
const subjects: Record<string, () => Promise<Started>> = {
  [yardstick]: barely,
  control: barely,
  "relay, embedded store": () => relay(),
  "relay, Redis": () => relay(redis),
};

const target = ({ server, secret }: Started, body: string, key: "bench" | "limited" = "bench"): Target => ({
  url: `${server.url}/v1/messages`,
  headers: { "content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": secret(key) },
  body,
});

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ value }) => value);
}

/** Runs `measure` for each subject in each round, and gives what it gave, by subject and round. */
async function inRounds<T>(measure: (started: Started) => Promise<T>): Promise<Map<string, T[]>> {
  const measured = new Map(Object.keys(subjects).map((name) => [name, [] as T[]]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, start] of shuffled(Object.entries(subjects))) {
      const started = await start();
      await reach(target(started, streamed(2_000)), warmUp);
      measured.get(name)?.push(await measure(started));
      await started.server.stop();
    }
  }
  return measured;
}

async function reach(to: Target, count: number): Promise<void> {
  for (let sent = 0; sent < count;) sent += (await drive(to, 16, 1)).count;
}

const spread = (values: readonly number[]) =>
  `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)})`;

/** The ratios to the yardstick of the same round. */
function ratios(measured: Map<string, number[]>, name: string): number[] {
  const base = measured.get(yardstick) ?? [];
  return (measured.get(name) ?? []).map((value, round) => value / (base[round] ?? NaN));
}

async function throughput({ name, body, parallel, key }: (typeof rows)[number]): Promise<void> {
  const measured = await inRounds(async (started) => {
    const before = started.server.cpuMs();
    const load = await drive(target(started, body, key), parallel, seconds);
    return { rate: load.aSecond, cpuMs: (started.server.cpuMs() - before) / load.count };
  });
  const only = (part: "rate" | "cpuMs") =>
    new Map([...measured].map(([who, all]) => [who, all.map((one) => one[part])]));
  const [rates, cpu] = [only("rate"), only("cpuMs")];
  for (const who of measured.keys()) {
    const own = [Math.round(median(rates.get(who) ?? [])), median(cpu.get(who) ?? []).toFixed(2)];
    const share = who === yardstick ? ["1", "1"] : [spread(ratios(rates, who)), spread(ratios(cpu, who))];
    console.log(`| ${name} | ${who} | ${own[0]} a second | ${share[0]} | ${own[1]} ms | ${share[1]} |`);
  }
}

async function firstBytes(): Promise<void> {
  const measured = await inRounds((started) =>
    measureFirstBytes(buildAgent(), target(started, streamed(2_000)), 100, 100 * seconds),
  );
  const at = (who: string, share: number) => quantile((measured.get(who) ?? []).flat(), share);
  for (const who of measured.keys()) {
    const told = [0.5, 0.99].map((share) => {
      const added = at(who, share) - at(yardstick, share);
      return `${at(who, share).toFixed(2)} ms | ${who === yardstick ? "" : `${added < 0 ? "−" : "+"}${Math.abs(added).toFixed(2)} ms`}`;
    });
    console.log(`| first byte at 100 a second (median, p99) | ${who} | ${told.join(" | ")} |`);
  }
}

/** How much of the machine others took, from /proc/stat (proc(5)) and the processor time of this process and its children. */
function watchMachine(): () => string {
  const numbers = (path: string, head: RegExp) => readFileSync(path, "utf8").replace(head, "").split(/\s+/).map(Number);
  const read = () => {
    const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] = numbers(
      "/proc/stat",
      /^cpu +/,
    );
    const busy = user + nice + system + irq + soft + steal;
    return { busy, all: busy + idle + wait };
  };
  const before = read();
  const own = () =>
    numbers("/proc/self/stat", /^.*\) /)
      .slice(11, 15)
      .reduce((sum, ticks) => sum + ticks, 0);
  const ownBefore = own();
  return () => {
    const now = read();
    const others = now.busy - before.busy - (own() - ownBefore);
    return `${((100 * Math.max(0, others)) / (now.all - before.all)).toFixed(1)} %`;
  };
}

const wanted = (name: string) => name.includes(values.only);
const others = watchMachine();
console.log("| what | who | measured | × the pass-through (least–most of the rounds) | processor time each | × |");
console.log("|---|---|---|---|---|---|");
for (const row of rows.filter(({ name }) => wanted(name))) await throughput(row);
if (wanted("first byte")) await firstBytes();
if (wanted("memory")) await measureIdleMemory();
await closeAgents();
await upstream.stop();
await redis.stop();
console.log(`\n${rounds} rounds; other programs and servers that are still running took ${others()} of the machine.`);
process.exit(0);
