import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readEverything, recompute, buildEvent } from "../usage.ts";
import { startRig } from "../rig.ts";
import { subjects } from "../redis/stores.ts";
import { usageLog } from "../../functions/core/usage/log.ts";
import type { StoreOptions } from "../../functions/stores/index.ts";
import type { Store } from "../../functions/stores/store.ts";
import type { UsageEvent } from "../../functions/core/money/usage.ts";

const script = fileURLToPath(new URL("./rollup-process.ts", import.meta.url));
const eventsPerKill = 1_500;
const models = ["claude-opus-5", "claude-sonnet-5", "gpt-6"];

/** Runs a rollup in a process of its own; with `afterMs` it is killed so long after it began. True if it was killed at work. */
function run(options: StoreOptions, afterMs: number | undefined): Promise<boolean> {
  const child = spawn(process.execPath, [script, JSON.stringify(options)]);
  let error = "";
  child.stderr.on("data", (chunk: Buffer) => (error += chunk.toString()));
  child.stdout.once("data", () => {
    if (afterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), afterMs);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) =>
      code === 0 || signal ? resolve(signal === "SIGKILL") : reject(new Error(error)),
    );
  });
}

let count = 0;

/** Calls of the last days, some of them appended twice because the first append seemed to have failed. */
async function append(store: Store): Promise<UsageEvent[]> {
  const events = Array.from({ length: eventsPerKill }, () => {
    count += 1;
    const at = Date.now() - (count % 3) * 86_400_000 - (count % 7) * 3_600_000;
    const costNanos = count * 1_001;
    return buildEvent({
      id: `e${count}`,
      at,
      key: `k${count % 20}`,
      account: `a${count % 4}`,
      model: models[count % 3],
      costNanos,
    });
  });
  await Promise.all(
    events.flatMap((event, index) => {
      const first = store.append(usageLog, JSON.stringify(event));
      return index % 100 === 0
        ? [first, store.append(usageLog, JSON.stringify({ ...event, isRepeated: true }))]
        : [first];
    }),
  );
  return events;
}

/** Over Redis two rollups race each other, and both are killed; the embedded store is one process' own. */
const subjectsToKill = [
  { kind: "tcp", kills: 50, atOnce: 2 },
  { kind: "embedded", kills: 12, atOnce: 1 },
] as const;

test.each(subjectsToKill)(
  "rollups killed $kills times at random points add up to the log ($kind)",
  { timeout: 180_000 },
  async ({ kind, kills, atOnce }) => {
    const subject = await subjects[kind]();
    try {
      const events: UsageEvent[] = [];
      let killed = 0;
      for (let round = 0; round < kills / atOnce; round += 1) {
        const store = await subject.open();
        await store.put("pool", { "setting/retention": JSON.stringify({ logEvents: 10_000_000 }) });
        events.push(...(await append(store)));
        await store.close();
        const runs = Array.from({ length: atOnce }, () => run(subject.options, Math.random() * 120));
        killed += (await Promise.all(runs)).filter(Boolean).length;
      }
      await run(subject.options, undefined);
      const store = await subject.open();
      const rig = await startRig({ store });
      expect(await readEverything(events, rig.env)).toEqual(recompute(events, rig.env.config));
      expect(killed).toBeGreaterThan(kills / 2);
      await rig.stop();
      await store.close();
    } finally {
      await subject.stop();
    }
  },
);
