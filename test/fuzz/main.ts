import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { bodies } from "./bodies.ts";
import { heads } from "./heads.ts";
import type { Room } from "./room.ts";
import { sockets } from "./sockets.ts";
import { openStage, type Stage } from "./stage.ts";
import { upstreamAnswers } from "./upstream-answers.ts";

/**
 * `npm run fuzz`: made-up input of four kinds against the built server, which runs in a process of its own over the embedded
 * store, with a provider that plays what it is told. Ends with `N passed, N failed`.
 *
 *     npm run fuzz                        30 minutes; `-- --minutes 2` in .ci/run, with start and end
 *     npm run fuzz -- --only answers      one kind: heads, bodies, answers, sockets
 *     npm run fuzz -- --seed 7            the cases of that seed again, in the same order
 *     npm run fuzz -- --only bodies --seed 7 --path 12:0:1    one case, as a failure names it
 *
 * Each case: what comes back is HTTP (or frames), and an error is worded as its language's documents word it. After each round:
 * nothing is under way, the key's meters are those of the log, nothing was left unhandled, no client's key or hop-by-hop header
 * went up. All the while /health answers 200; at the end memory is back near where it was after the first round, and SIGTERM
 * ends the server with 0.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    seed: { type: "string", default: String(randomInt(2 ** 31)) },
    only: { type: "string", default: "" },
    path: { type: "string" },
  },
});

const rooms: readonly Room[] = [heads, bodies, upstreamAnswers, sockets].filter(({ name }) =>
  name.includes(values.only),
);
const roundMs = 15_000;
/** For the end: what is under way may take its longest, and the server its grace. */
const endingMs = 12_000;
/** Added to the seed: each kind runs so many times at once. One alone repeats a case. */
const lanes = values.path === undefined ? [0, 1_000_000, 2_000_000] : [0];
const counts = { passed: 0, failed: 0, cases: 0 };
process.setMaxListeners(1_000);

const startedAt = Date.now();
const endAt = startedAt + Number(values.minutes) * 60_000 - endingMs;
console.log(`seed ${values.seed}`);
const stage = await openStage();
await run(stage);
console.log(`${counts.cases} cases in ${((Date.now() - startedAt) / 60_000).toFixed(1)} minutes`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);

async function run(on: Stage): Promise<void> {
  const health = watchHealth(on.url);
  const failing = new Set<Room>();
  let [base, seed] = [0, Number(values.seed)];
  do {
    const forMs = Math.min(roundMs, endAt - Date.now());
    const round = seed;
    const running = rooms.filter((room) => !failing.has(room));
    const all = running.flatMap((room) => lanes.map((lane) => ({ room, seed: round + lane })));
    await Promise.all(
      all.map(async (each) => {
        const isGood = await look(`${each.room.name}, seed ${each.seed}`, () =>
          attempt(each.room, each.seed, forMs, on),
        );
        if (!isGood) failing.add(each.room);
      }),
    );
    if (!(await look(`settled, seed ${round}`, () => on.settle()))) break;
    base ||= await on.relay.heldMb();
    seed += 1;
  } while (Date.now() < endAt - 1_000 && values.path === undefined && failing.size < rooms.length);
  const errors = on.relay.log().match(/.*"level":"error".*/g) ?? [];
  if (counts.failed > 0) console.log(`what the server says:\n${errors.slice(-5).join("\n").slice(0, 8_000)}`);
  await look("health", () => health.stop());
  await look("memory", () => checkMemory(on, base));
  await look("the end", () => on.stop());
}

/** Says what became of it; true if it held. */
async function look(name: string, work: () => Promise<void>): Promise<boolean> {
  const error = await work().then(
    () => undefined,
    (thrown: unknown) => (thrown instanceof Error ? thrown : new Error(String(thrown))),
  );
  counts[error ? "failed" : "passed"] += 1;
  const cause = error?.cause instanceof Error ? `\n${error.cause.message}` : "";
  if (error) console.log(`FAILED ${name}\n${(error.message + cause).replace(/^/gm, "    ").slice(0, 20_000)}`);
  return !error;
}

async function attempt(room: Room, seed: number, forMs: number, on: Stage): Promise<void> {
  const property = fc.asyncProperty(room.arbitrary, async (made) => {
    counts.cases += 1;
    await room.attempt(made, on);
  });
  await fc.assert(property, {
    ...{ seed, numRuns: 1_000_000, interruptAfterTimeLimit: forMs, markInterruptAsFailure: false },
    ...(values.path === undefined ? {} : { path: values.path, endOnFailure: true, numRuns: 1 }),
  });
}

function watchHealth(url: string): { stop(): Promise<void> } {
  let [isOver, bad] = [false, ""];
  const watching = (async () => {
    while (!isOver) {
      const status = await fetch(`${url}/health`).then(
        (answer) => String(answer.status),
        (error: unknown) => String(error),
      );
      if (status !== "200") bad ||= `/health: ${status}`;
      await pause(50);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await watching;
      if (bad) throw new Error(bad);
    },
  };
}

/** What is held after a full collection, against what was after the first round, when all parts were warm. */
async function checkMemory({ relay }: Stage, base: number): Promise<void> {
  const most = 1.5;
  let held = await relay.heldMb();
  for (let waits = 0; waits < 5 && held > base * most; waits += 1) {
    await pause(1_000);
    held = await relay.heldMb();
  }
  console.log(`holds ${held.toFixed(1)} MB; ${base.toFixed(1)} after the first round`);
  if (held > base * most) throw new Error(`${(held / base).toFixed(2)} times what was held after the first round`);
}
