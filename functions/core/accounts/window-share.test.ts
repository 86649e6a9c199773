import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startRig, type Rig } from "../../../test/rig.ts";
import { buildEvent } from "../../../test/usage.ts";
import { runCleanup } from "../../operations/jobs/cleanup.ts";
import { accountColumns, putPool, readPool } from "./pool.ts";
import { rollUp } from "../usage/rollup/rollup.ts";
import { usageLog } from "../usage/log.ts";

const startAt = Date.UTC(2026, 9, 7, 12);
let rig: Rig;
beforeEach(async () => {
  rig = await startRig({ startAt });
  await rig.addAccount({ id: "a1" });
});
afterEach(() => rig.stop());

let told = 0;

/** An answer that told how full the account's 5-hour window is, and the rollup that reads it. */
async function tell(utilization: number, account = "a1") {
  told += 1;
  const windows = [{ name: "5h", utilization, resetAt: startAt + 3_600_000 }];
  await rig.env.store.append(usageLog, JSON.stringify(buildEvent({ id: `e${told}`, at: startAt, account, windows })));
  await rollUp(rig.env.now() + 60_000, rig.env);
}

describe("what the rollup notes of an account's windows", () => {
  test("is what the newest answer told, for every instance to read with the pool", async () => {
    await tell(0.6);
    await tell(0.8);
    expect((await readPool(rig.env)).windows.get("a1")).toMatchObject([{ name: "5h", utilization: 0.8 }]);
  });

  test("changes the pool, which all must read again, only when a window passes a mark", async () => {
    await tell(0.6);
    const { version } = await readPool(rig.env);
    await tell(0.61);
    await tell(0.7);
    expect((await readPool(rig.env)).version).toBe(version);
    await tell(0.1);
    const emptied = await readPool(rig.env);
    expect(emptied.version).not.toBe(version);
    expect(emptied.windows.get("a1")).toMatchObject([{ utilization: 0.1 }]);
  });

  test("is nothing for an account that is not there, and goes when its account does", async () => {
    await tell(0.9, "gone");
    expect((await readPool(rig.env)).windows.size).toBe(0);
    await tell(0.9);
    await putPool(accountColumns("a1"), rig.env);
    await runCleanup(rig.env);
    expect((await readPool(rig.env)).windows.size).toBe(0);
  });
});
