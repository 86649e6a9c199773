import { parseArgs } from "node:util";
import { build, openContext } from "./stage.ts";
import type { Context, Target, Trial } from "./trial.ts";
import { runSpite } from "./spite/main.ts";
import { bodies } from "./trials/bodies.ts";
import { people } from "./trials/people.ts";
import { readers } from "./trials/readers.ts";
import { verdicts } from "./trials/verdicts.ts";

/**
 * `npm run attack`: what somebody outside tries against the relay, run against the built server. Each trial gets a relay of its
 * own; the line it prints states what must hold. Ends with `N passed, N failed`.
 *
 *     npm run attack                       every trial on each of its targets (minutes)
 *     npm run attack -- --quick            those that take seconds, on their first target (.ci/run; at most a minute)
 *     npm run attack -- --only "bomb"      whose line contains the word
 *     npm run attack -- --target redis     on one target: embedded, redis, lambda
 *     npm run attack -- --spite            what others notice of one key's spite, for `--minutes` (5): figures against bars
 *
 * To add a trial: write `trials/<topic>.ts` that exports `readonly Trial[]` and put it into the list below. A trial has a name,
 * which states what must hold, and `run(context)`, which rejects if it does not (trial.ts tells what a context has; raw
 * sockets and load are in client.ts). After every trial this file checks that each server still answers, that nothing was
 * left unhandled, and that SIGTERM ends it with 0.
 */
const trials: readonly Trial[] = [...bodies, ...readers, ...people, ...verdicts];

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    target: { type: "string", default: "" },
    spite: { type: "boolean", default: false },
    minutes: { type: "string", default: "5" },
  },
});

const bothStores: readonly Target[] = ["embedded", "redis"];
const longestMs = 300_000;
const counts = { passed: 0, failed: 0 };
// Each process that is started has a listener of its own for the end of this one.
process.setMaxListeners(1_000);

const built = await build();
if (values.spite) {
  const isGood = await runSpite(Number(values.minutes), built);
  built.remove();
  process.exit(isGood ? 0 : 1);
}
for (const trial of trials) {
  if (values.quick && trial.isSlow) continue;
  const targets = trial.targets ?? bothStores;
  for (const target of values.quick ? targets.slice(0, 1) : targets) {
    const line = `${target}: ${trial.name}`;
    if (line.includes(values.only) && target.includes(values.target)) await attempt(line, trial, target);
  }
}
built.remove();
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);

async function attempt(line: string, trial: Trial, target: Target): Promise<void> {
  const startedAt = performance.now();
  const error = await runTrial(trial, target).then(
    () => undefined,
    (thrown: unknown) => thrown ?? new Error("rejected with nothing"),
  );
  counts[error === undefined ? "passed" : "failed"] += 1;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${error === undefined ? "ok    " : "FAILED"} ${line} (${seconds} s)`);
  if (error === undefined) return;
  const text = error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error);
  console.log(text.replace(/^/gm, "    "));
}

async function runTrial(trial: Trial, target: Target): Promise<void> {
  const { context, stop } = await openContext(trial, target, built);
  let isStopped = false;
  try {
    await within(longestMs, trial.run(context));
    await checkAlive(context);
    isStopped = true;
    const codes = await stop();
    if (codes.some((code) => code !== 0)) throw new Error(`SIGTERM ended a server with ${codes.join(", ")}.`);
  } finally {
    if (!isStopped) await stop();
  }
  const unhandled = context.log().match(/.*"event":"(uncaught exception|unhandled rejection)".*/)?.[0];
  if (unhandled) throw new Error(`Left unhandled: ${unhandled}`);
}

async function checkAlive({ relays }: Context): Promise<void> {
  for (const { url, log } of relays) {
    const { status } = await fetch(`${url}/health`);
    if (status !== 200) throw new Error(`/health answers ${status}:\n${log().slice(-2_000)}`);
  }
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${milliseconds / 1000} s`)), milliseconds);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
