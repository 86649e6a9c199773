import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Rig, startRig } from "../../../test/rig.ts";
import { keyDefaults } from "../../core/keys/key.ts";
import { readPool } from "../../core/accounts/pool.ts";
import { spillEvents } from "../../core/usage/log.ts";
import { rollUp } from "../../core/usage/rollup/rollup.ts";
import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import { pullBody } from "../../wire/dispatch.ts";
import type { Call } from "../dialects/dialect.ts";
import { type Batch, meterOpenaiBatch, meterResults } from "./batches.ts";

let rig: Rig;
let batch: Batch;
beforeEach(async () => {
  rig = await startRig();
  const { key } = await rig.addKey({ dailyCostNanos: 1e12 });
  const call = { dialect: "openai", client: undefined } as Call;
  const known = {
    key: { ...keyDefaults, ...key },
    pool: await readPool(rig.env),
    account: "account",
    ip: "203.0.113.7",
  };
  batch = { ...known, call, id: "batch_1", requestId: "request" };
});
afterEach(() => rig.stop());

const usage = { input_tokens: 1_000_001, output_tokens: 300_001, total_tokens: 1_300_002 };
const done = { status: "completed", model: "gpt-5", request_counts: { total: 3, completed: 3, failed: 0 }, usage };
const message = {
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-5",
  content: [{ type: "text", text: "x".repeat(400) }],
};

/** Anthropic's results: a line for each message (`MessageBatchIndividualResponse` of @anthropic-ai/sdk). */
async function readResults(messages: readonly object[], env: Env): Promise<void> {
  const lines = messages.map((each, index) => ({
    custom_id: `${index}`,
    result: { type: "succeeded", message: each },
  }));
  const chunks = lines.map((line) => Buffer.from(`${JSON.stringify(line)}\n`));
  const body = pullBody(
    () => Promise.resolve(chunks.shift()),
    () => undefined,
  );
  const passed = meterResults(body, batch, env);
  while (await passed.read());
  await rig.settled();
}

async function metered(): Promise<number | undefined> {
  const { listPeriods } = await import("../../core/limits/limit-status.ts");
  const { cells, periodsOf } = await import("../../core/limits/meter.ts");
  const periods = periodsOf(batch.key, rig.env.now(), rig.env.config);
  const rows = periods ? listPeriods(batch.key, periods) : [];
  const [counted] = await rig.env.store.count(
    rows.map(({ row }) => ({ row, steps: [{ cell: cells.costNanos, by: 0 }] })),
  );
  return counted?.[0];
}

describe("a batch", () => {
  const faults = ["refused", "executed, and not answered", "answered"] as const;
  const lives = ["is killed", "tries again"] as const;
  test.each(faults.flatMap((fault) => lives.map((life) => [fault, life] as const)))(
    "whose record is %s, by a process that %s, is in the log and the meters once, whoever looks again",
    async (fault, life) => {
      const { store } = rig.env;
      const refuse = () => Promise.reject(new Failure("store.unavailable"));
      let tries = 0;
      const record: Env["store"]["record"] = async (...given) => {
        tries += 1;
        if (tries > 1 && life === "is killed") return refuse();
        if (tries > 1 || fault === "answered") return store.record(...given);
        if (fault !== "refused") await store.record(...given);
        return refuse();
      };
      const env = { ...rig.env, store: { ...store, record } };
      await meterOpenaiBatch(done, batch, env);
      // Another process sees it, and again when a day's marks are gone.
      await meterOpenaiBatch(done, batch, { ...rig.env });
      await spillEvents(env);
      rig.pass(3 * 86_400_000);
      await meterOpenaiBatch(done, batch, { ...rig.env });
      const events = await rig.events();
      expect(events).toHaveLength(1);
      expect((await rollUp(Infinity, rig.env)).events).toBe(1);
      rig.pass(-3 * 86_400_000);
      expect(await metered()).toBe(events[0]?.costNanos);
      // Half of $1.25 and $10 a million.
      expect(events[0]?.costNanos).toBe(Math.round((1_000_001 * 1_250 + 300_001 * 10_000) / 2));
    },
  );

  test.each([
    ["no usage", { ...done, usage: undefined }],
    ["a usage of null", { ...done, usage: null }],
    ["zeros", { ...done, usage: { input_tokens: 0, output_tokens: 0 } }],
    ["no counts either", { status: "completed" }],
    ["no usage, and was cancelled", { ...done, status: "cancelled", usage: undefined }],
  ])("of OpenAI that tells %s is an estimate, and is never free", async (_, answer) => {
    await meterOpenaiBatch(answer, batch, rig.env);
    expect(await rig.events()).toMatchObject([{ operation: "batch", isEstimated: true }]);
    expect((await rig.events())[0]?.costNanos).toBeGreaterThan(0);
  });

  test.each([
    ["has not ended", { ...done, status: "in_progress" }],
    ["never began", { ...done, status: "failed", usage: undefined }],
    ["completed nothing", { ...done, request_counts: { total: 3, completed: 0, failed: 3 }, usage: undefined }],
  ])("of OpenAI that %s costs nothing yet", async (_, answer) => {
    await meterOpenaiBatch(answer, batch, rig.env);
    expect(await rig.events()).toEqual([]);
  });

  test.each([
    ["no usage", message],
    ["a usage of nulls", { ...message, usage: { input_tokens: null, output_tokens: null } }],
  ])("of Anthropic whose results tell %s is an estimate", async (_, each) => {
    await readResults([each, { ...each, usage: { input_tokens: 10, output_tokens: 5 } }], rig.env);
    const [event] = await rig.events();
    expect(event).toMatchObject({ isEstimated: true, usage: { outputTokens: 105 } });
    expect(event?.costNanos).toBeGreaterThan(0);
  });

  test("of Anthropic pays for what ran beside its messages, at its own price, halved", async () => {
    const iterations = [
      { type: "compaction", input_tokens: 180_000, output_tokens: 3_500 },
      { type: "message", input_tokens: 23_000, output_tokens: 1_000 },
    ];
    await readResults([{ ...message, usage: { input_tokens: 23_000, output_tokens: 1_000, iterations } }], rig.env);
    const [event] = await rig.events();
    expect(event?.costNanos).toBe((203_000 * 3_000 + 4_500 * 15_000) / 2);
  });
});
