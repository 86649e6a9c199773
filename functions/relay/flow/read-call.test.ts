import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { startRig } from "../../../test/rig.ts";
import { readPool } from "../../core/accounts/pool.ts";
import { anthropicDialect as anthropic } from "../dialects/anthropic/anthropic.ts";
import { readCall } from "./read-call.ts";

/** How often others get their turn from the first look at a body to the end of the last. */
async function countTurns(bytes: number): Promise<number> {
  const rig = await startRig();
  const { key } = await rig.addKey({ aliases: {} });
  const room = { expect: () => undefined, take: () => undefined };
  const place = { ...room, admitted: () => undefined, letGo: () => undefined, leave: () => undefined };
  const text = JSON.stringify({ model: "claude-sonnet-4-5", messages: "x".repeat(bytes) });
  let [turns, isOver] = [0, false];
  const watch = async () => {
    for (;;) {
      await setImmediate();
      if (isOver) return;
      turns += 1;
    }
  };
  const dialect: typeof anthropic = {
    ...anthropic,
    read: (...given: Parameters<typeof anthropic.read>) => {
      void watch();
      return anthropic.read(...given);
    },
  };
  const request = {
    ...{ method: "POST", path: "/api/v1/messages", query: "", headers: {} },
    body: () => Promise.resolve(Buffer.from(text)),
  } as unknown as Parameters<typeof readCall>[0]["request"];
  await readCall({ request, dialect, key, pool: await readPool(rig.env), place, isFree: false }, rig.env);
  isOver = true;
  await rig.stop();
  return turns;
}

test("others get their turn between the looks at a large body, and a small one waits for nobody", async () => {
  expect(await countTurns(4 * 1024 * 1024)).toBeGreaterThan(0);
  expect(await countTurns(1_000)).toBe(0);
});
