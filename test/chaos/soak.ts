import { setTimeout as pause } from "node:timers/promises";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildServer } from "../../scripts/build.ts";
import { testEnvironment } from "../environment.ts";
import { ask, buildAgent, closeAgents, type Ask, type Told } from "./client.ts";
import { buildRandom, pick, type Random } from "./random.ts";
import { isFlat, slopeOf } from "./slope.ts";
import { openStage, type Stage, type StoreKind } from "./stage.ts";

/**
 * `npm run soak`: the built server under two hours of mixed traffic, jobs and a console that is looked at, by a clock that goes 20 times as fast;
 * what the server holds, its resident memory and its descriptors are printed every five minutes. Ends with 1 if one of
 * them rises. `-- --quick` goes 60 times as fast (two minutes), `--store embedded|redis|upstash` chooses the store.
 */
const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    store: { type: "string", default: "embedded" },
    seed: { type: "string", default: "7" },
  },
});
const speed = values.quick ? 60 : 20;
const simulatedMinutes = 120;
const stepMinutes = 5;
const stepMs = (stepMinutes * 60_000) / speed;
/** In these caches fill, code is compiled and the collector finds its measure: they are printed, and not counted. */
const warmSteps = { heldMb: 6, rssMb: 12, descriptors: 6 } as const;
const parallel = 12;
/** What may be chance of the collector, over the whole. */
const allowed = { heldMb: 4, rssMb: 16, descriptors: 6 } as const;
const metricsToken = "token-of-the-soak";

interface Sample {
  readonly heldMb: number;
  readonly rssMb: number;
  readonly descriptors: number;
}

/** What clients do: most are served, some hang up, some meet a failing provider, some should not be there. */
function buildAsk({ relay, secrets }: Stage, random: Random): Ask {
  const { url } = relay;
  const kind = random();
  const stranger = `cr_${Math.floor(random() * 1e12)
    .toString(16)
    .padStart(64, "0")}`;
  if (kind < 0.05) return { url, secret: stranger };
  const secret = secrets.calm;
  if (kind < 0.15) return { url, secret, behaviour: "pace=5", hangUpAfter: Math.floor(random() * 3_000) - 200 };
  if (kind < 0.25) return { url, secret, behaviour: pick(["500", "cut=5", "529", "empty", "error-after=3"], random) };
  if (kind < 0.3) return { url, secret: secrets.narrow, behaviour: "pace=40" };
  if (kind < 0.33) return { url, secret, isStream: false, bodyBytes: Math.floor(random() * 500_000) };
  return { url, secret, behaviour: `pace=${Math.floor(random() * 10)}`, isStream: random() < 0.8 };
}

async function traffic(stage: Stage, random: Random, untilAt: number): Promise<number> {
  let calls = 0;
  const work = async () => {
    let agent = buildAgent();
    while (Date.now() < untilAt) {
      const tally: Told[] = [];
      await ask(agent, buildAsk(stage, random), tally);
      calls += 1;
      if (random() < 0.02) {
        agent.destroy();
        agent = buildAgent();
      }
      await pause(random() * 150);
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return calls;
}

const pages = [
  ...["/admin/keys", "/admin/accounts", "/admin/usage/overview", "/admin/usage/live", "/admin/usage/requests"],
  ...["/admin/logs", "/admin/audit", "/admin/alerts", "/metrics", "/health", "/web/", "/no/such/page"],
];

/** Somebody looks at the console all the while, and Prometheus at the figures. */
async function look({ relay }: Stage, untilAt: number): Promise<void> {
  const { ADMIN_USERNAME: username, ADMIN_PASSWORD: password } = testEnvironment;
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ username, password, bearer: true });
  const opened = await fetch(`${relay.url}/admin/session`, { method: "POST", headers, body });
  const { token } = (await opened.json()) as { token: string };
  for (let index = 0; Date.now() < untilAt; index += 1) {
    const path = pages[index % pages.length] ?? "";
    const bearer = path === "/metrics" ? metricsToken : token;
    await (await fetch(relay.url + path, { headers: { authorization: `Bearer ${bearer}` } })).arrayBuffer();
    await pause(250);
  }
}

async function sample({ relay }: Stage): Promise<Sample> {
  const heldMb = await relay.heldMb();
  return { heldMb, ...relay.look() };
}

const fixed = (value: number) => value.toFixed(1);

function judge(samples: readonly Sample[]): boolean {
  const judged = (Object.keys(allowed) as (keyof Sample)[]).map((name) => {
    const most = allowed[name];
    const slope = slopeOf(samples.slice(warmSteps[name]).map((each) => each[name]));
    const from = warmSteps[name] * stepMinutes;
    console.log(
      `${name}: rises by ${fixed(slope.rise)} ± ${fixed(slope.error)} from minute ${from} on, ${most} allowed`,
    );
    return isFlat(slope, most);
  });
  return judged.every(Boolean);
}

async function watch(stage: Stage): Promise<Sample[]> {
  console.log("| minute | held MB | RSS MB | descriptors |\n| --- | --- | --- | --- |");
  const samples: Sample[] = [];
  for (let minute = stepMinutes; minute <= simulatedMinutes; minute += stepMinutes) {
    await pause(stepMs);
    const taken = await sample(stage);
    samples.push(taken);
    console.log(`| ${minute} | ${fixed(taken.heldMb)} | ${fixed(taken.rssMb)} | ${taken.descriptors} |`);
  }
  return samples;
}

async function inFlight({ relay }: Stage): Promise<number> {
  const told = await fetch(`${relay.url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } });
  return Number(/^relay_requests_in_flight (\d+)$/m.exec(await told.text())?.[1] ?? NaN);
}

const built = mkdtempSync(join(tmpdir(), "relay-soak-"));
await buildServer(built);
const settings = {
  METRICS_TOKEN: metricsToken,
  CLOCK_SPEED: String(speed),
  RATE_LIMIT_CLEANUP_INTERVAL: "5",
  TOKEN_REFRESH_INTERVAL: "5",
};
const stage = await openStage(values.store as StoreKind, settings, join(built, "main.mjs"));
const untilAt = Date.now() + (simulatedMinutes / stepMinutes) * stepMs;
const calls = traffic(stage, buildRandom(Number(values.seed)), untilAt);
const looking = look(stage, untilAt);
const samples = await watch(stage);
await looking;
const made = await calls;
await pause(1_000);
const left = await inFlight(stage);
const code = await stage.relay.stop();
const log = stage.relay.log();
const unhandled = log.match(/"event":"(uncaught exception|unhandled rejection)"/g)?.length ?? 0;
const jobs = log.match(/"event":"job failed"/g)?.length ?? 0;
const isSteady = judge(samples);
console.log(`${made} calls; left in flight ${left}, unhandled ${unhandled}, failed jobs ${jobs}, exit code ${code}`);
closeAgents();
await stage.stop();
rmSync(built, { recursive: true });
process.exit(isSteady && left === 0 && unhandled === 0 && jobs === 0 && code === 0 ? 0 : 1);
