import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildEnv } from "../bench/prepare.ts";
import { parseConfig } from "../functions/config.ts";
import { type ApiKey, keyDefaults } from "../functions/core/keys/key.ts";
import type { UsageEvent } from "../functions/core/money/usage.ts";
import { usageLog } from "../functions/core/usage/log.ts";
import { openConfiguredStore } from "../functions/runtimes/machine.ts";
import { compareMeters } from "./chaos/books.ts";
import { buildRandom, pick } from "./chaos/random.ts";
import { type RelayProcess, startRelayProcess } from "./chaos/relay.ts";
import { everyLimit } from "./chaos/stage.ts";
import { testEnvironment } from "./environment.ts";
import { addAccount, addKey } from "./rig.ts";
import type { Line } from "./week/bill.ts";
import { faults, type Planned, type Provider, startProvider } from "./week/provider.ts";

/**
 * A week of calls in every language against the real server, with every fault that money has met: answers in another form, errors
 * inside a 200, overloads, cuts, hang-ups, kills, no usage, models without a price, tiers, caches, places. Then another program makes
 * the bill from the provider's log. `WEEK_CALLS=5000 npx vitest run test/money-week.test.ts` is the long form.
 */
const calls = Number(process.env.WEEK_CALLS ?? 120);
const atOnce = 8;
const weekMs = 7 * 86_400_000;
const random = buildRandom(Number(process.env.WEEK_SEED ?? 20261130));
const oneOf = <T>(list: readonly T[]): T => pick(list, random);
/** Whole thousands, so that every price is a whole number of nano-dollars. */
const some = (most: number) => Math.floor(random() * most) * 1_000;

const models: readonly (readonly [Line["provider"], string])[] = [
  ["anthropic", "claude-opus-5-5"],
  ["anthropic", "claude-sonnet-4-5"],
  ["anthropic", "claude-opus-99"],
  ["openai", "gpt-5"],
  ["openai", "gpt-5-mini"],
  ["google", "gemini-2.5-pro"],
  ["google", "gemini-2.5-flash"],
];

function planOne(): Planned {
  const [provider, model] = oneOf(models);
  const isClaude = provider === "anthropic";
  const fault = random() < 0.5 ? oneOf(faults) : undefined;
  const tier = { anthropic: oneOf(["", "batch"]), openai: oneOf(["", "flex", "priority"]), google: "" }[provider];
  return {
    ...{ provider, model, fault, at: 0 },
    language: isClaude ? "messages" : provider === "google" ? "gemini" : oneOf(["chat", "responses"] as const),
    isStream: fault === "hang-up" || fault === "cut" || fault === "overload" || random() < 0.5,
    input: some(90) + 1_000,
    cached: some(50),
    written5m: isClaude ? some(20) : 0,
    written1h: isClaude ? some(20) : 0,
    output: some(20) + 1_000,
    searches: isClaude ? Math.floor(random() * 3) : 0,
    ...(tier === "" || model === "claude-opus-99" ? {} : { tier }),
    ...(model === "claude-opus-5-5" && random() < 0.5 ? { geo: "us" } : {}),
  };
}

const plan: Planned[] = Array.from({ length: calls }, planOne);
const keys: ApiKey[] = [];
const secrets: string[] = [];
const directory = mkdtempSync(join(tmpdir(), "relay-week-"));
const environment = { ...testEnvironment, DATA_DIR: directory, PORT: "0", HOST: "127.0.0.1" };
let provider: Provider;
let relay: RelayProcess;

const look = async <T>(work: (env: ReturnType<typeof buildEnv>) => Promise<T>): Promise<T> => {
  const store = await openConfiguredStore(parseConfig(environment), Date.now);
  try {
    return await work(buildEnv(store, environment));
  } finally {
    await store.close();
  }
};

const start = (aheadMs: number) => startRelayProcess({ ...environment, CLOCK_AHEAD_MS: String(aheadMs) });

beforeAll(async () => {
  provider = await startProvider(plan, random);
  await look(async (env) => {
    for (const kind of ["anthropic", "openai", "gemini"])
      for (const id of [`${kind}-1`, `${kind}-2`])
        await addAccount(env, { id, kind, baseUrl: provider.url }, { kind: "api-key", secret: "sk-book" });
    // A key a call: the log tells by it which call an event is of.
    for (const name of plan.keys()) {
      const added = await addKey(env, { name: String(name), ...everyLimit });
      keys.push({ ...keyDefaults, ...added.key });
      secrets.push(added.secret);
    }
  });
  relay = await start(0);
}, 60_000);
afterAll(async () => {
  await relay.kill();
  await provider.stop();
  rmSync(directory, { recursive: true });
});

/** True if its whole answer came. */
async function ask(call: number): Promise<boolean> {
  const { language, model, isStream: stream, fault } = plan[call] as Planned;
  const content = `call-${call}-`;
  const messages = [{ role: "user", content }];
  const ways: Record<Planned["language"], [path: string, body: object]> = {
    messages: ["/api/v1/messages", { model, stream, max_tokens: 9, messages }],
    chat: ["/openai/v1/chat/completions", { model, stream, messages }],
    responses: ["/openai/v1/responses", { model, stream, input: content }],
    gemini: [
      `/gemini/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
      { contents: [{ role: "user", parts: [{ text: content }] }] },
    ],
  };
  const [path, body] = ways[language];
  const gone = new AbortController();
  const headers = { "x-api-key": secrets[call] ?? "", "content-type": "application/json" };
  try {
    const answer = await fetch(relay.url + path, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
      signal: gone.signal,
    });
    const reader = answer.body?.getReader();
    for (;;) {
      const read = await reader?.read();
      if (!read || read.done) return answer.status === 200;
      if (fault === "hang-up") gone.abort();
    }
  } catch {
    return false;
  }
}

/** The calls, some at once; the process is killed in the middle of some. Those that a kill has cut off. */
async function liveTheWeek(): Promise<ReadonlySet<number>> {
  const cut = new Set<number>();
  for (let first = 0; first < calls; first += atOnce) {
    const aheadMs = Math.floor((weekMs * first) / calls);
    relay.setClock(aheadMs);
    const batch = plan.slice(first, first + atOnce).map((planned, index) => {
      Object.assign(planned, { at: Date.now() + aheadMs });
      const call = first + index;
      return ask(call).then((isWhole) => isWhole && cut.delete(call));
    });
    const isKilled = first % (atOnce * 5) === 0;
    if (isKilled) {
      for (let call = first; call < first + atOnce; call += 1) cut.add(call);
      await new Promise((resolve) => setTimeout(resolve, random() * 60));
      await relay.kill();
    }
    await Promise.all(batch);
    if (isKilled) relay = await start(aheadMs);
  }
  return cut;
}

function makeBill(lines: readonly Line[]): number[] {
  const log = join(directory, "provider.jsonl");
  writeFileSync(log, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const program = new URL("./week/bill.ts", import.meta.url).pathname;
  return JSON.parse(execFileSync(process.execPath, [program, log], { encoding: "utf8" })) as number[];
}

/** What a provider has not told is guessed, and marked; the rest is as it told. */
function lineOf({ usage, isEstimated }: UsageEvent, planned: Planned): Line {
  if (!isEstimated) return planned;
  const isTold = planned.language === "messages" && planned.fault !== "no-usage";
  const [input, output] = [isTold ? planned.input : usage.inputTokens, usage.outputTokens];
  const nothing = { cached: 0, written5m: 0, written1h: 0, searches: 0 };
  const { tier, geo, ...told } = { ...planned, ...(isTold ? {} : nothing), input, output };
  const ofTier = usage.serviceTier === undefined ? {} : { tier };
  return { ...told, ...ofTier, ...(isTold && geo ? { geo } : {}) } as Line;
}

test(`the bill of a week of ${calls} calls is the provider's own, to the nano-dollar`, async () => {
  const cut = await liveTheWeek();
  expect(await relay.stop()).toBe(0);
  const { events, meters } = await look(async (env) => {
    const entries = await env.store.readLog(usageLog, "0", 1_000_000);
    const all = entries.map(({ entry }) => JSON.parse(entry) as UsageEvent);
    return { events: all, meters: await compareMeters({ keys, aheadMs: weekMs }, all, cut.size, env) };
  });
  const callOf = new Map(keys.map(({ id }, call) => [id, call]));
  const told = events.map((event) => ({ event, call: callOf.get(event.key) ?? -1 }));
  const missing = [...plan.keys()].filter((call) => !cut.has(call) && !told.some((each) => each.call === call));
  expect([missing, meters]).toEqual([[], []]);
  expect(new Set(told.map(({ call }) => call)).size).toBe(events.length);
  // A call that a kill has cut off is in the log only if it had ended.
  const bills = makeBill(told.map(({ event, call }) => lineOf(event, plan[call] as Planned)));
  const wrong = told.flatMap(({ event, call }, index) => {
    const planned = plan[call] as Planned;
    const isGuess = ["hang-up", "cut", "no-usage"].includes(planned.fault ?? "");
    const isRight = event.costNanos === bills[index] && (event.isEstimated === true) === isGuess;
    const { costNanos: cost, usage, isEstimated, outcome } = event;
    return isRight ? [] : [{ planned, bill: bills[index], cost, usage, isEstimated, outcome }];
  });
  expect(wrong).toEqual([]);
}, 600_000);
