import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { buildServer } from "../../scripts/build.ts";
import { audit } from "./books.ts";
import { ask, buildAgent, closeAgents, load, type Ask } from "./client.ts";
import { faults } from "./faults.ts";
import { buildRandom } from "./random.ts";
import { countLocked } from "./places.ts";
import type { Fault, Scene } from "./scene.ts";
import { openStage, type Stage, type StoreKind } from "./stage.ts";

/**
 * `npm run chaos`: the real server in a process of its own, over each store, with one fault after another; then what must
 * hold is counted. Ends with 1 if any count is not 0. `-- --quick` (a minute), `--seed N`, `--only WORD`, `--store KIND`,
 * `--kills N` (the fault of kills alone, with so many of them on each store).
 */
const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    seed: { type: "string" },
    only: { type: "string", default: "" },
    store: { type: "string", default: "" },
    kills: { type: "string" },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
const partMs = values.quick ? 500 : 1_200;
const kills = Number(values.kills ?? (values.quick ? 3 : 8));
const only = values.kills === undefined ? values.only : "SIGKILL";
/** What a process may hold more after a fault than before: caches that have filled, code that was compiled. */
const allowedMb = 12;

interface Row {
  readonly lost: readonly string[];
  readonly doubled: number;
  readonly leftInFlight: number;
  readonly heldMb: number;
  readonly unhandled: number;
  readonly failed: number;
  readonly different: readonly string[];
}

async function runFault(fault: Fault, kind: StoreKind): Promise<Row> {
  const stage = await openStage(kind, {}, join(built, "main.mjs"));
  const random = buildRandom(seed);
  const scene: Scene = { stage, random, tally: [], partMs, kills, killedAt: [], failed: 0, locked: 0 };
  try {
    await load(partMs, 12, () => calm(stage), scene.tally, random);
    const baseMb = await stage.relay.heldMb();
    await fault.run(scene);
    await recover(scene);
    const heldMb = (await stage.relay.heldMb()) - baseMb;
    const leftInFlight = scene.locked + (await countLocked(scene));
    await fault.last?.(scene);
    if ((await stage.relay.stop()) !== 0) scene.failed += 1;
    await fault.after?.(scene);
    const books = await audit(stage, scene.tally, scene.killedAt);
    const log = stage.pastLog + stage.relay.log();
    const unhandled = log.match(/"event":"(uncaught exception|unhandled rejection)"/g)?.length ?? 0;
    return {
      ...books,
      leftInFlight,
      heldMb: Math.max(0, Math.round(heldMb - allowedMb)),
      unhandled,
      failed: scene.failed,
    };
  } finally {
    closeAgents();
    await stage.stop();
  }
}

const calm = (stage: Stage): Ask => ({ url: stage.relay.url, secret: stage.secrets.calm, behaviour: "pace=5" });

/** The relay has ten seconds to notice that all is well (it asks a store again after at most two); then nothing may fail. */
async function recover(scene: Scene): Promise<void> {
  const { stage, tally } = scene;
  const agent = buildAgent();
  const untilAt = Date.now() + 10_000;
  while ((await ask(agent, calm(stage), tally)).status !== 200 && Date.now() < untilAt) await pause(100);
  // Streams that still run end, and events that were kept are written.
  await pause(partMs);
  const told = await Promise.all(Array.from({ length: 30 }, () => ask(agent, calm(stage), tally)));
  scene.failed += told.filter(({ isWhole }) => !isWhole).length;
  agent.destroy();
}

const built = mkdtempSync(join(tmpdir(), "relay-chaos-"));
process.on("exit", () => rmSync(built, { recursive: true }));
await buildServer(built);

// Each store of a run has a listener of its own for the end of this process.
process.setMaxListeners(100);

const heads =
  "fault|store|events lost|events doubled|figures off|in flight left|MB above base|unhandled|failed after".split("|");
console.log(`seed ${seed}\n\n| ${heads.join(" | ")} |\n| ${heads.map(() => "---").join(" | ")} |`);
const mostTold = 20;
const differences: string[] = [];
const ended = { passed: 0, failed: 0 };
for (const fault of faults) {
  if (!fault.name.includes(only) || (values.quick && !fault.isQuick)) continue;
  for (const kind of fault.stores) {
    const isLeftOut = values.quick && kind === "upstash" && fault.stores.includes("redis") && values.store === "";
    if (!kind.includes(values.store) || isLeftOut) continue;
    const row = await runFault(fault, kind);
    const { lost, doubled, different, leftInFlight, heldMb, unhandled, failed } = row;
    const counts = [lost.length, doubled, different.length, leftInFlight, heldMb, unhandled, failed];
    ended[counts.every((count) => count === 0) ? "passed" : "failed"] += 1;
    console.log(`| ${[fault.name, kind, ...counts].join(" | ")} |`);
    differences.push(...[...lost, ...different].slice(0, mostTold).map((each) => `${fault.name}, ${kind}: ${each}`));
  }
}
if (differences.length > 0) console.log(`\n${differences.join("\n")}`);
console.log(`\n${ended.passed} passed, ${ended.failed} failed`);
process.exit(ended.failed === 0 ? 0 : 1);
