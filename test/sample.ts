import type { Env } from "../functions/env.ts";
import { coolAccount } from "../functions/core/accounts/cooldown.ts";
import { keyDefaults, type ApiKey } from "../functions/core/keys/key.ts";
import { periodsOf, spentSteps } from "../functions/core/limits/meter.ts";
import { findPrice } from "../functions/core/money/price-table.ts";
import { computeCost } from "../functions/core/money/price.ts";
import { readPool } from "../functions/core/accounts/pool.ts";
import { rollUp } from "../functions/core/usage/rollup/rollup.ts";
import { listPeriods } from "../functions/core/limits/limit-status.ts";
import { noUsage, totalTokens, type UsageEvent } from "../functions/core/money/usage.ts";
import { usageLog } from "../functions/core/usage/log.ts";
import { buildRandom } from "./chaos/random.ts";
import { addAccount, addKey } from "./rig.ts";

/** A team's month with the relay, the same each time: for pictures of the console, and for measuring it. */
export interface SampleSize {
  readonly keys: number;
  readonly days: number;
  /** On a working day. */
  readonly callsADay: number;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;

const people = "Ada Grace Linus Barbara Ken Margaret Dennis Radia Edsger Frances Niklaus Adele".split(" ");
const teams = ["frontend", "backend", "data", "platform"];

const accounts = [
  { id: "claude-1", name: "Claude Max, studio", kind: "claude", models: ["claude-opus-4-8", "claude-sonnet-4-6"] },
  { id: "claude-2", name: "Claude Max, night shift", kind: "claude", models: ["claude-sonnet-4-6"] },
  { id: "anthropic-1", name: "Anthropic API", kind: "anthropic", models: ["claude-sonnet-4-6", "claude-haiku-4-5"] },
  { id: "openai-1", name: "OpenAI API", kind: "openai", models: ["gpt-5-codex", "gpt-5-mini"] },
  { id: "gemini-1", name: "Gemini API", kind: "gemini", models: ["gemini-2.5-pro"] },
] as const;

/** Puts accounts, keys and a month of calls into a store, and folds them. Gives the keys, with the secret of the first. */
export async function fillSample(size: SampleSize, env: Env): Promise<{ keys: ApiKey[]; secret: string }> {
  const random = buildRandom(2026);
  for (const { id, name, kind } of accounts) {
    const credential =
      kind === "claude"
        ? { kind: "oauth" as const, accessToken: "sample", refreshToken: "sample", expiresAt: env.now() + 8 * hourMs }
        : { kind: "api-key" as const, secret: "sample" };
    const ends =
      kind === "claude" ? { credentialExpiresAt: env.now() + 8 * hourMs, subject: "studio@example.com" } : {};
    await addAccount(env, { id, name, kind, createdAt: env.now() - 40 * dayMs, ...ends }, credential);
  }
  const made: { key: ApiKey; secret: string }[] = [];
  for (let from = 0; from < size.keys; from += 500) {
    const count = Math.min(500, size.keys - from);
    made.push(...(await Promise.all(Array.from({ length: count }, (_, index) => addSampleKey(from + index, env)))));
  }
  const keys = made.map(({ key }) => key);
  await logCalls(size, keys, random, env);
  await rollUp(env.now() + hourMs, env);
  // All were logged this minute, which would make the minute look busy: the rows know them, and the log keeps the newest.
  const newest = await env.store.readLogBackwards(usageLog, "+", 400);
  await env.store.trimLog(usageLog, newest.at(-1)?.id ?? "0");
  const sinceAt = env.now() - 600_000;
  const resting = { account: "claude-2", scope: "account", sinceAt, reason: "429: the 5-hour window is spent" };
  await coolAccount({ ...resting, untilAt: env.now() + 84 * 60_000 }, await readPool(env), env);
  return { keys, secret: made[0]?.secret ?? "" };
}

function addSampleKey(index: number, env: Env): Promise<{ key: ApiKey; secret: string }> {
  const owner = people[index % people.length] ?? "Ada";
  const device = index < people.length ? "laptop" : index < 2 * people.length ? "CI" : `agent ${index}`;
  return addKey(env, {
    name: `${owner}'s ${device}`,
    owner,
    tags: [teams[index % teams.length] ?? "frontend"],
    createdAt: env.now() - (40 * dayMs + index * 1_000),
    dailyCostNanos: (1 + (index % 5)) * 10e9,
    weeklyCostNanos: index % 3 === 0 ? 50e9 : 0,
    concurrency: 2 + (index % 4),
  });
}

async function logCalls(size: SampleSize, keys: readonly ApiKey[], random: () => number, env: Env): Promise<void> {
  const now = env.now();
  const times: number[] = [];
  for (let day = size.days; day >= 0; day -= 1) {
    const startAt = Math.floor(now / dayMs) * dayMs - day * dayMs;
    const isWeekend = [0, 6].includes(new Date(startAt).getUTCDay());
    const calls = size.callsADay * (isWeekend ? 0.2 : 0.8 + 0.4 * random());
    // Most work is done around eleven and four.
    const hour = () => (random() < 0.5 ? 11 : 16) + (random() + random() + random() - 1.5) * 3.4;
    for (let call = 0; call < calls; call += 1) times.push(Math.round(startAt + hour() * hourMs));
  }
  const past = times.filter((at) => at < now).sort((one, other) => one - other);
  // The last forty minutes are busy whatever the time of day is.
  for (let call = 0; call < 60; call += 1) past.push(Math.round(now - 20_000 - random() ** 1.3 * 40 * 60_000));
  past.sort((one, other) => one - other);
  let fullness = 0.2;
  for (let from = 0; from < past.length; from += 1_000) {
    const events = past.slice(from, from + 1_000).map((at, index) => {
      fullness = at > now - 5 * hourMs ? Math.min(0.82, fullness + 0.002) : 0.2 + 0.3 * random();
      return buildCall({ at, id: `sample-${from + index}`, fullness }, keys, random);
    });
    await Promise.all(events.map((event) => env.store.append(usageLog, JSON.stringify(event))));
    await countSpent(events, keys, env);
  }
}

/** What the keys' own limits have counted of today and this week. */
async function countSpent(events: readonly UsageEvent[], keys: readonly ApiKey[], env: Env): Promise<void> {
  const now = env.now();
  const keyById = new Map(keys.slice(0, 24).map((key) => [key.id, { ...keyDefaults, ...key }]));
  const rows = events.flatMap((event) => {
    const key = keyById.get(event.key);
    const periods = key && periodsOf(key, now, env.config);
    if (!periods) return [];
    const spent = spentSteps({ ...event, tokens: totalTokens(event.usage) });
    const running = listPeriods(key, periods).filter(({ startAt }) => event.at >= startAt);
    return running.map(({ row }) => ({ row, steps: spent }));
  });
  await Promise.all(rows.map((row) => env.store.count([row])));
}

interface Moment {
  readonly id: string;
  readonly at: number;
  readonly fullness: number;
}

function buildCall({ id, at, fullness }: Moment, keys: readonly ApiKey[], random: () => number): UsageEvent {
  // A few people do most of the work.
  const key = keys[Math.floor(random() ** 2 * Math.min(keys.length, 24))];
  const account = accounts[Math.floor(random() ** 1.6 * accounts.length)] ?? accounts[0];
  const model = account.models[Math.floor(random() ** 1.4 * account.models.length)] ?? account.models[0];
  const fate = random();
  const isRefused = fate > 0.985;
  const usage = {
    ...noUsage(),
    ...(isRefused
      ? {}
      : {
          inputTokens: Math.round(200 + random() * 4_000),
          outputTokens: Math.round(100 + random() ** 2 * 5_000),
          cacheReadTokens: Math.round(random() * 90_000),
          cacheWrite5mTokens: Math.round(random() ** 3 * 20_000),
        }),
  };
  const price = findPrice(model, at, new Map());
  const cost = price ? computeCost(usage, price) : undefined;
  const first = Math.round(500 + random() ** 2 * 2_500);
  const outcome = isRefused ? "failed" : fate > 0.97 ? "gone" : "complete";
  const status = isRefused ? 529 : outcome === "gone" ? 499 : 200;
  const windows = [
    { name: "5h", utilization: fullness, resetAt: at + 3 * hourMs },
    { name: "7d", utilization: 0.41, resetAt: at + 60 * hourMs },
  ];
  const reason = isRefused ? "overloaded_error: Overloaded" : "served";
  const charge = isRefused ? "none" : "charged";
  const last = { account: account.id, status, reason, charge, costNanos: cost?.costNanos ?? 0 } as const;
  // Now and then the account that was asked first had no room, and another one answered.
  const before =
    account.kind === "anthropic" && fate < 0.2
      ? [
          {
            ...last,
            account: "claude-2",
            status: 429,
            reason: "rate_limit_error: This request would exceed your account's rate limit",
            charge: "none" as const,
            costNanos: 0,
            startedMs: 4,
            ms: 180,
          },
        ]
      : [];
  return {
    id,
    at,
    key: key?.id ?? "",
    account: account.id,
    dialect: account.kind === "openai" ? "openai-responses" : account.kind === "gemini" ? "gemini" : "anthropic",
    operation: account.kind === "openai" ? "responses" : "messages",
    model,
    client: account.kind === "openai" ? "codex" : account.kind === "gemini" ? "gemini-cli" : "claude-code",
    session: `session-${Math.floor(random() * 40)}`,
    ip: `203.0.113.${10 + (Number.parseInt(key?.id.slice(0, 4) ?? "", 16) % 200 || 0)}`,
    status,
    outcome,
    ...(isRefused ? { failure: "upstream.refused: Overloaded" } : {}),
    isStream: true,
    usage,
    costNanos: cost?.costNanos ?? 0,
    ...(cost ? { rates: cost.rates } : {}),
    attempts: [...before, { ...last, startedMs: before.length === 0 ? 4 : 190, ms: first * 9 }],
    ...(account.kind === "gemini"
      ? {}
      : { candidates: [{ account: "gemini-1", reason: `does not serve the model ${model}` }] }),
    ms: { queue: 1, select: 4, head: Math.round(first * 0.8), first, total: first * 9 },
    ...(account.kind === "claude" ? { windows } : {}),
  };
}
