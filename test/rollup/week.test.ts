import { expect, test } from "vitest";
import { rollUp } from "../../functions/core/usage/rollup/rollup.ts";
import type { UsageEvent } from "../../functions/core/money/usage.ts";
import { usageLog } from "../../functions/core/usage/log.ts";
import { startRig } from "../rig.ts";
import { buildEvent, readEverything, recompute } from "../usage.ts";

const calls = 6_000;
const outcomes = ["complete", "complete", "complete", "gone", "broken", "failed"] as const;
const models = ["claude-opus-5", "claude-sonnet-5", "gpt-6-codex", "gemini-4-flash"];

/** A generator of the same numbers each time (mulberry32), so that a failure can be looked into. */
function buildRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

// The clock goes back on the 25th: a week of 169 hours.
test.each(["Europe/Berlin", "Asia/Kolkata", "America/St_Johns"])(
  "a week of traffic equals a plain recomputation (%s)",
  async (TIMEZONE) => {
    const startAt = Date.UTC(2026, 9, 20);
    const rig = await startRig({ startAt, environment: { TIMEZONE } });
    try {
      const random = buildRandom(20_261_020);
      const events: UsageEvent[] = [];
      const append = (value: object) => rig.env.store.append(usageLog, JSON.stringify(value));
      for (let index = 0; index < calls; index += 1) {
        rig.pass(random((2 * 7 * 86_400_000) / calls));
        const isStream = random(4) > 0;
        // A call is logged when it ends, so entries are not in the order in which calls came.
        const at = rig.env.now() - random(600_000);
        const outcome = outcomes[random(outcomes.length)] ?? "complete";
        const usage = {
          inputTokens: random(9_000),
          outputTokens: random(4_000),
          cacheReadTokens: random(90_000),
          cacheWrite1hTokens: random(500),
        };
        const ms = { queue: 0, select: 1, head: 300, first: 400 + random(900), total: 2_000 + random(60_000) };
        const event = buildEvent({
          ...{ id: `week-${index}`, at, outcome, usage, ms, isStream, costNanos: random(900_000_000) },
          ...{
            key: `k${random(40)}`,
            account: random(50) === 0 ? undefined : `a${random(6)}`,
            model: models[random(models.length)],
          },
          ...{
            status: outcome === "failed" ? 500 + random(30) : 200,
            isUndelivered: outcome === "gone" && random(2) === 0,
          },
        });
        events.push(JSON.parse(JSON.stringify(event)) as UsageEvent);
        const isLost = random(60) === 0;
        if (!isLost) void append(event);
        if (isLost || random(60) === 0) void append({ ...event, isRepeated: true });
        if (random(400) === 0) await rollUp(rig.env.now() + 60_000, rig.env);
      }
      await rollUp(rig.env.now() + 60_000, rig.env);
      rig.pass(2_000);
      expect(await readEverything(events, rig.env)).toEqual(recompute(events, rig.env.config));
    } finally {
      await rig.stop();
    }
  },
);
