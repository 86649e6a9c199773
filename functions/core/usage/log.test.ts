import { afterEach, beforeEach, expect, test } from "vitest";
import { type Rig, startRig } from "../../../test/rig.ts";
import { buildEvent } from "../../../test/usage.ts";
import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import type { Store } from "../../stores/store.ts";
import { cells } from "../limits/meter.ts";
import { flushEvents, restoreEvents, spillEvents, usageLog, writeSettled } from "./log.ts";
import { rollUp } from "./rollup/rollup.ts";

let rig: Rig;
beforeEach(async () => (rig = await startRig()));
afterEach(() => rig.stop());

const row = (by: number) => ({ row: "m", steps: [{ cell: 0, by }] });
const settled = (id: string) => ({ id, event: buildEvent({ id }), rows: () => [row(5)] });
const refuse = () => Promise.reject(new Failure("store.unavailable"));

type Fault = "answered" | "refused" | "executed, and not answered";

/** A store whose next calls of these verbs go wrong, each in its way. */
function faulty(faults: Partial<Record<"countLater" | "append" | "record", Fault[]>>, spilled: string[] = []): Env {
  const { store } = rig.env;
  const wrap = (name: "countLater" | "append" | "record") => {
    return async (...args: never[]) => {
      const fault = faults[name]?.shift() ?? "answered";
      if (fault === "refused") return refuse();
      const result: unknown = await (store[name] as (...given: never[]) => Promise<unknown>)(...args);
      return fault === "answered" ? result : refuse();
    };
  };
  const wrapped = {
    countLater: wrap("countLater"),
    append: wrap("append"),
    record: wrap("record"),
  } as unknown as Store;
  return { ...rig.env, store: { ...store, ...wrapped }, spill: (line) => void spilled.push(line) };
}

const faults: Fault[] = ["answered", "refused", "executed, and not answered"];
/** Commands of one write are executed in order: where the event stands in the log, the meters were counted. */
const pairs = faults
  .flatMap((count) => faults.map((append) => [count, append] as const))
  .filter(([count, append]) => !(count === "refused" && append === "executed, and not answered"))
  // And answered in order.
  .filter(([count, append]) => count !== "executed, and not answered" || append === "executed, and not answered");

test.each(pairs)("a settlement is applied once whose counts were %s and whose event was %s", async (count, append) => {
  for (const record of faults) {
    const id = `call ${record}`;
    const env = faulty({ countLater: [count], append: [append, record], record: [record, record] });
    const [before] = await rig.env.store.count([row(0)]);
    await writeSettled(settled(id), env);
    for (let tries = 0; tries < 4 && !(await flushEvents(env)); tries += 1);
    const [after] = await rig.env.store.count([row(0)]);
    expect((after?.[0] ?? 0) - (before?.[0] ?? 0)).toBe(5);
    const entries = (await rig.env.store.readLog(usageLog, "0", 100)).filter(({ entry }) => entry.includes(`"${id}"`));
    const unmarked = entries.filter(({ entry }) => !entry.includes('"isRepeated":true'));
    // The rollup takes one of an id where the later ones bear the mark.
    expect(entries.length).toBeGreaterThan(0);
    expect(unmarked.length).toBeLessThanOrEqual(1);
  }
});

test.each(pairs)(
  "a settlement is applied once, by the next process, whose counts were %s and whose event was %s",
  async (count, append) => {
    for (const record of faults.slice(1)) {
      const lines: string[] = [];
      const env = faulty({ countLater: [count], append: [append], record: [record] }, lines);
      const inFlight = { row: "m", steps: [{ cell: cells.firstSlot + 1, by: -1 }] };
      const [before] = await rig.env.store.count([row(0)]);
      await writeSettled({ ...settled(`spilled ${record}`), rows: () => [row(5), inFlight] }, env);
      await spillEvents(env);
      await restoreEvents([...lines, '{"request":"cut o'], { ...rig.env });
      // Killed before it could let go of the lines: the one after it finds them again.
      await restoreEvents(lines, { ...rig.env });
      const [after] = await rig.env.store.count([row(0)]);
      expect((after?.[0] ?? 0) - (before?.[0] ?? 0)).toBe(5);
      expect((await rollUp(Infinity, rig.env)).events).toBe(1);
    }
  },
);

test("what an embedded store counted in memory alone is spilled with its event", async () => {
  const lines: string[] = [];
  const { store, ...rest } = faulty({ append: ["refused"], record: ["refused"] }, lines);
  const env = { ...rest, store: { ...store, trouble: () => "The disk is full." } };
  await writeSettled(settled("full"), env);
  await spillEvents(env);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { usageEvent: { id: "full" }, rows: [{ row: "m", steps: [{ cell: 0, by: 5 }] }] },
  ]);
});

test("what was reserved is given back by the retry as it stands then", async () => {
  const env = faulty({ countLater: ["refused"], append: ["refused"] });
  let by = -7;
  await writeSettled({ id: "late", event: undefined, rows: () => [row(by)] }, env);
  by = -2;
  await flushEvents(env);
  expect(await rig.env.store.count([row(0)])).toEqual([[-2]]);
});
