import packageFile from "../../../package.json" with { type: "json" };
import type { Env } from "../../env.ts";
import { perEnv } from "../../env.ts";
import { histogramSamples, type Metric, type Sample } from "./exposition.ts";
import { decodeFigures, figure, type FigureName, type Figures } from "../usage/totals.ts";
import { listKeys } from "../keys/key.ts";
import { buildPool, poolTable, type Pool } from "../accounts/pool.ts";
import { totalTable } from "../usage/rollup/schema.ts";
import { tallyOf, tokenClasses } from "./counters.ts";

/**
 * What is told to whoever measures the relay, on /metrics and by OpenTelemetry.
 *
 * Two kinds of figures: what this process has seen since its start (calls, times, commands; not on Lambda, where a process
 * is one of many and short-lived), and what the store knows (totals of each key as of the last rollup, states of accounts).
 * The store is asked at most once in four minutes, three commands then, however often somebody asks.
 */
export async function collectMetrics(env: Env): Promise<Metric[]> {
  const known = await lookIntoStore(env);
  const isCounted = env.store.watch !== undefined;
  return [
    ...ofBuild(known, env),
    ...(isCounted ? ofProcess(env) : []),
    ...(known.rows ? ofStore(known.rows, env) : []),
  ];
}

interface Rows {
  readonly totals: ReadonlyMap<string, Figures>;
  readonly names: ReadonlyMap<string, string>;
  readonly pool: Pool;
}

interface Known {
  rows: Rows | undefined;
  isUp: boolean;
  askedAt: number;
  asking: Promise<void> | undefined;
}

const askAgainMs = 240_000;
const knownOf = perEnv<Known>(() => ({ rows: undefined, isUp: true, askedAt: -Infinity, asking: undefined }));

async function lookIntoStore(env: Env): Promise<Known> {
  const known = knownOf(env);
  if (env.now() - known.askedAt >= askAgainMs) {
    known.askedAt = env.now();
    known.asking = readRows(env).then(
      (rows) => void Object.assign(known, { rows, isUp: true }),
      (error: unknown) => {
        // A scrape tells that the store is down; what was known before still is.
        known.isUp = false;
        env.log("warn", "metrics without the store", { error });
      },
    );
  }
  await known.asking;
  return known;
}

async function readRows(env: Env): Promise<Rows> {
  const [totals, keys, fields] = await Promise.all([
    env.store.list(totalTable),
    listKeys(env),
    env.store.list(poolTable),
  ]);
  const rows = Object.entries(totals).filter(([field]) => field.startsWith("k|"));
  return {
    totals: new Map(rows.map(([field, value]) => [field.slice(2), decodeFigures(value)])),
    names: new Map(keys.map(({ id, name }) => [id, name])),
    pool: buildPool(fields, ""),
  };
}

const one = (name: string, type: Metric["type"], help: string, value: number): Metric => ({
  ...{ name, type, help },
  samples: [{ value }],
});
const classOf = (name: string) => name.replace(/Tokens$/, "").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function ofBuild(known: Known, env: Env): Metric[] {
  const labels = { version: packageFile.version, store: env.store.kind };
  return [
    { name: "relay_build_info", type: "gauge", help: "The version that runs.", samples: [{ labels, value: 1 }] },
    one(
      "relay_store_up",
      "gauge",
      "Whether the store answered at the last look, at most four minutes ago.",
      Number(known.isUp),
    ),
  ];
}

function ofProcess(env: Env): Metric[] {
  const tally = tallyOf(env);
  const commands = env.store.watch;
  const byVerb = (counts: ReadonlyMap<string, number> = new Map()): Sample[] =>
    [...counts].map(([verb, value]) => ({ labels: { verb }, value }));
  const calls = [...tally.calls].map(([name, value]): Sample => {
    const [endpoint = "", status = "", blame = ""] = name.split("|");
    return { labels: { endpoint, status, blame }, value };
  });
  const tokens = tokenClasses.map((name) => ({ labels: { class: classOf(name) }, value: tally.tokens.get(name) ?? 0 }));
  const timed = (name: string, help: string, { bounds, buckets, sumSeconds }: typeof tally.first): Metric => ({
    ...{ name, help, type: "histogram" },
    samples: histogramSamples(bounds, buckets, sumSeconds),
  });
  return [
    {
      name: "relay_requests_total",
      type: "counter",
      help: "Calls of clients since the start, by who is to blame where they failed.",
      samples: calls,
    },
    {
      name: "relay_tokens_total",
      type: "counter",
      help: "Tokens since the start; reasoning is part of output.",
      samples: tokens,
    },
    one("relay_cost_dollars_total", "counter", "What calls cost since the start.", tally.costNanos / 1e9),
    timed("relay_first_byte_seconds", "From a streaming call to the first byte of its answer.", tally.first),
    timed("relay_request_duration_seconds", "From an answered call to its end.", tally.total),
    one("relay_requests_in_flight", "gauge", "Calls that were admitted and have not ended.", tally.inFlight),
    {
      name: "relay_store_commands_total",
      type: "counter",
      help: "Commands as a Redis service bills them, by the store's verb.",
      samples: byVerb(commands?.billed),
    },
    {
      name: "relay_store_errors_total",
      type: "counter",
      help: "Calls of the store that failed, by its verb.",
      samples: byVerb(commands?.failed),
    },
    ...ofMachine(),
  ];
}

function ofMachine(): Metric[] {
  const { user, system } = process.cpuUsage();
  return [
    one("process_resident_memory_bytes", "gauge", "Resident memory.", process.memoryUsage.rss()),
    one("process_cpu_seconds_total", "counter", "User and system time.", (user + system) / 1e6),
    one(
      "process_start_time_seconds",
      "gauge",
      "When the process started, in seconds since the epoch.",
      Math.round(Date.now() / 1000 - process.uptime()),
    ),
  ];
}

const states = ["serving", "cooling", "stopped", "paused"] as const;

function ofStore({ totals, names, pool }: Rows, env: Env): Metric[] {
  const sums = (value: (figures: Figures) => number): Sample[] =>
    [...totals].map(([key, figures]) => ({ labels: { key, name: names.get(key) ?? "" }, value: value(figures) }));
  const classes = (name: FigureName): Sample[] =>
    sums((figures) => figure(figures, name)).map(({ labels, value }) => ({
      labels: { ...labels, class: classOf(name) },
      value,
    }));
  return [
    {
      name: "relay_key_requests_total",
      type: "counter",
      help: "Calls of a key in all time, as of the last rollup.",
      samples: sums((each) => figure(each, "requests")),
    },
    {
      name: "relay_key_errors_total",
      type: "counter",
      help: "Calls of a key that failed in all time, as of the last rollup.",
      samples: sums((each) => figure(each, "errors")),
    },
    {
      name: "relay_key_tokens_total",
      type: "counter",
      help: "Tokens of a key in all time, as of the last rollup.",
      samples: tokenClasses.flatMap(classes),
    },
    {
      name: "relay_key_cost_dollars_total",
      type: "counter",
      help: "What a key cost in all time, as of the last rollup.",
      samples: sums((each) => figure(each, "costNanos") / 1e9),
    },
    {
      name: "relay_account_state",
      type: "gauge",
      help: "1 for the state that an account is in.",
      samples: accountSamples(pool, env.now()),
    },
    {
      name: "relay_account_window_ratio",
      type: "gauge",
      help: "How full an account's window was when it last passed 50, 75 or 90 %.",
      samples: windowSamples(pool, env.now()),
    },
  ];
}

function accountSamples({ accounts, cooldowns }: Pool, now: number): Sample[] {
  const cooling = new Set(
    [...cooldowns.values()]
      .filter(({ scope, untilAt }) => scope === "account" && untilAt > now)
      .map(({ account }) => account),
  );
  return accounts.flatMap(({ id, name, kind, isEnabled, stoppedBecause }) => {
    const running = cooling.has(id) ? "cooling" : "serving";
    const now = !isEnabled ? "paused" : stoppedBecause === undefined ? running : "stopped";
    return states.map((state) => ({ labels: { account: id, name, kind, state }, value: Number(state === now) }));
  });
}

function windowSamples({ accountById, windows }: Pool, now: number): Sample[] {
  return [...windows].flatMap(([account, samples]) =>
    samples
      .filter(({ resetAt }) => resetAt === undefined || resetAt > now)
      .map(({ name: window, utilization }) => ({
        labels: { account, name: accountById.get(account)?.name ?? "", window },
        value: utilization,
      })),
  );
}
