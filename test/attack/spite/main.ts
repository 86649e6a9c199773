import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, request as ask } from "node:http";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";
import { startProcess } from "../../../bench/servers.ts";
import { head, message, openRaw, percentile, post } from "../client.ts";
import { type Built, openContext } from "../stage.ts";
import type { Context } from "../trial.ts";

/**
 * `npm run attack -- --spite [--minutes 5]`: what others notice while one key does its worst, and while somebody without a key
 * does. The server has what a container of 512 MB gives it: Node's heap is half of that, and it is ended as the kernel would
 * end it when its resident memory passes 512 MB. Another key sends plain streamed messages all the while; stretches of quiet
 * and of spite take turns, so that a machine's other work falls on both. Prints figures and bars; false if one is not met.
 */
export async function runSpite(minutes: number, built: Built): Promise<boolean> {
  const provider = await startProcess("../test/upstream/main.ts", ["--port", "0"]);
  const settings = { NODE_OPTIONS: "--max-old-space-size=256", METRICS_TOKEN: metricsToken };
  const { context, stop } = await openContext(
    { name: "spite", settings, run: () => Promise.resolve() },
    "embedded",
    built,
  );
  for (const kind of ["anthropic", "openai"])
    for (let each = 0; each < 4; each += 1) await context.account(kind, `ok.${each}`, { baseUrl: provider.url });
  const [spiteful, other] = [await context.office.key(), await context.office.key({ name: "other" })];
  const memory = watchMemory(context);
  const ask = { url: context.url, secret: other.secret };
  await measure(ask, 10_000);
  const own = await compare(ask, [context.url, spiteful.secret], minutes, memory.most);
  const strangers = await compare(ask, [context.url], minutes / 2, memory.most);
  const commands = await countCommands(context);
  const left = await leaveStrangers(context);
  memory.stop();
  const codes = await stop();
  await provider.stop();
  const kills = codes.filter((code) => code !== 0).length;
  const rows: [string, number, number, string][] = [
    ["one key: another key's first byte, p50 against quiet", own.p50, Infinity, "×"],
    ["one key: another key's first byte, p99 against quiet", own.p99, 2, "×"],
    ["one key: another key's calls that failed", own.failed, 0, ""],
    ["one key: most resident memory", own.mostMb, 400, "MB"],
    ["no key: another key's first byte, p50 against quiet", strangers.p50, Infinity, "×"],
    ["no key: another key's first byte, p99 against quiet", strangers.p99, 1.2, "×"],
    ["no key: calls that failed", strangers.failed, 0, ""],
    ["no key: most resident memory", strangers.mostMb, 400, "MB"],
    ["1,000 made-up keys: store commands", commands, 0, ""],
    ["1,000 strangers' connections: resident memory within 30 s, against before", left, 1.2, "×"],
    ["kills", kills, 0, ""],
  ];
  console.log("| what | figure | bar |\n| --- | --- | --- |");
  const figure = (value: number, unit: string) => `${Number(value.toFixed(2))} ${unit}`.trim();
  for (const [what, value, bar, unit] of rows)
    console.log(`| ${what} | ${figure(value, unit)} | ${bar === Infinity ? "" : `≤ ${figure(bar, unit)}`} |`);
  return rows.every(([, value, bar]) => value <= bar);
}

const metricsToken = "metrics-token-of-the-spite";
const limitMb = 512;
const agent = new Agent({ keepAlive: true });

interface Caller {
  readonly url: string;
  readonly secret: string;
}

interface Measured {
  /** Milliseconds until the first byte of the answer's body. */
  readonly waits: number[];
  failed: number;
}

/** Plain streamed messages one after the other, two at a time, with a pause between. */
async function measure(caller: Caller, forMs: number): Promise<Measured> {
  const measured: Measured = { waits: [], failed: 0 };
  const untilAt = Date.now() + forMs;
  const work = async () => {
    while (Date.now() < untilAt) {
      const wait = await firstByte(caller);
      if (wait === undefined) measured.failed += 1;
      else measured.waits.push(wait);
      await pause(20);
    }
  };
  await Promise.all([work(), work()]);
  return measured;
}

/** Undefined: it was no 200, or did not come to its end. */
function firstByte({ url, secret }: Caller): Promise<number | undefined> {
  const body = message();
  const headers = { "content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": secret };
  return new Promise((resolve) => {
    const at = performance.now();
    let wait: number | undefined;
    const asked = ask(`${url}/v1/messages`, {
      method: "POST",
      agent,
      headers: { ...headers, "content-length": body.length },
    });
    asked.on("response", (answer) => {
      answer.once("data", () => (wait = performance.now() - at));
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode === 200 && answer.complete ? wait : undefined));
      answer.on("error", () => resolve(undefined));
    });
    asked.on("error", () => resolve(undefined));
    asked.end(body);
  });
}

/** Quiet and spite in turns. The figures of spite against those of quiet. */
async function compare(caller: Caller, attack: readonly [string, string?], minutes: number, most: { mb: number }) {
  const [quiet, spite]: [Measured, Measured] = [
    { waits: [], failed: 0 },
    { waits: [], failed: 0 },
  ];
  const take = (into: Measured, from: Measured) => {
    into.waits.push(...from.waits);
    into.failed += from.failed;
  };
  const rounds = Math.max(1, Math.round(minutes));
  const spiteMs = (minutes * 60_000) / rounds;
  most.mb = 0;
  for (let round = 0; round < rounds; round += 1) {
    take(quiet, await measure(caller, spiteMs / 2));
    const [url, secret] = attack;
    const file = fileURLToPath(new URL("attacker.ts", import.meta.url));
    const child = spawn(process.execPath, [file, url, String(spiteMs), ...(secret ? [secret] : [])], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    const ended = once(child, "exit");
    // It takes a moment to make its bombs.
    await pause(3_000);
    take(spite, await measure(caller, spiteMs - 3_000));
    await ended;
    await pause(6_000);
  }
  const ratio = (part: number) => percentile(spite.waits, part) / percentile(quiet.waits, part);
  const told = ({ waits }: Measured) =>
    `p50 ${percentile(waits, 0.5).toFixed(1)} ms, p99 ${percentile(waits, 0.99).toFixed(1)} ms of ${waits.length}`;
  console.log(`    quiet ${told(quiet)}; spite ${told(spite)}`);
  return { p50: ratio(0.5), p99: ratio(0.99), failed: spite.failed, mostMb: most.mb };
}

/** Ends the server as the kernel would, once it holds more than the limit. */
function watchMemory({ relays }: Context): { most: { mb: number }; stop(): void } {
  const most = { mb: 0 };
  let isKilled = false;
  const timer = setInterval(() => {
    const [relay] = relays;
    if (!relay || isKilled) return;
    most.mb = Math.max(most.mb, relay.look().rssMb);
    if (most.mb <= limitMb) return;
    isKilled = true;
    void relay.kill();
  }, 25);
  return { most, stop: () => clearInterval(timer) };
}

async function countCommands({ url }: Context): Promise<number> {
  const headers = { authorization: `Bearer ${metricsToken}` };
  const count = async () => {
    const text = await (await fetch(`${url}/metrics`, { headers })).text();
    return Number(/^relay_store_commands_total(?:\{[^}]*\})? (\d+)/m.exec(text)?.[1] ?? NaN);
  };
  const before = await count();
  for (let turn = 0; turn < 100; turn += 1)
    await Promise.all(Array.from({ length: 10 }, () => post(url, `cr_${randomBytes(32).toString("hex")}`, message())));
  return (await count()) - before;
}

/** What is resident at the latest 30 s after 1,000 connections have each sent half a request and left, against before. */
async function leaveStrangers({ url, relays }: Context): Promise<number> {
  const rss = () => relays[0]?.look().rssMb ?? Infinity;
  const before = rss();
  const half =
    head("POST", "/v1/messages", { "x-api-key": "cr_none", "content-length": 1_000_000 }) + "x".repeat(10_000);
  const open = await Promise.all(Array.from({ length: 1_000 }, () => openRaw(url)));
  await Promise.all(open.map((raw) => raw.send(half)));
  await pause(2_000);
  open.forEach((raw) => raw.reset());
  for (let second = 0; second < 30 && rss() > before * 1.1; second += 1) await pause(1_000);
  return rss() / before;
}
