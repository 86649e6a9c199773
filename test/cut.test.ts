import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Env } from "../functions/env.ts";
import { Failure } from "../functions/failure.ts";
import { cells, rowName, slotOf } from "../functions/core/limits/meter.ts";
import type { ApiKey } from "../functions/core/keys/key.ts";
import { relay } from "../functions/relay/relay.ts";
import { pullBody } from "../functions/wire/dispatch.ts";
import { type Subject, subjects } from "./contracts/dialects.ts";
import { buildRequest, type Rig, readAnswer, startRig } from "./rig.ts";

/** A fixture of each language, whole: its prices are known, so that every call costs something. */
const fixtures: Readonly<Record<string, string>> = {
  anthropic: "anthropic/text.sse",
  "openai-responses": "openai-responses/incomplete.sse",
  "openai-chat": "openai-chat/tool.sse",
  gemini: "gemini/text.sse",
};
const cases = Object.entries(fixtures).flatMap(([name, file]) => {
  const subject = subjects.find(({ dialect }) => dialect.name === name);
  return subject ? [[name, subject, file] as const] : [];
});

let rig: Rig;
beforeEach(async () => (rig = await startRig()));
afterEach(() => rig.stop());

interface Cut {
  readonly bytes: Buffer;
  /** The line breaks after so many bytes, or the client leaves after them. */
  readonly at: number;
  readonly by: "upstream" | "client";
}

/** One call whose answer is cut, in pieces as a slow line brings them. */
async function relayCut(subject: Subject, secret: string, { bytes, at, by }: Cut): Promise<void> {
  const client = new AbortController();
  const pieces = [bytes.subarray(0, Math.ceil(at / 2)), bytes.subarray(Math.ceil(at / 2), at)];
  const read = async () => {
    const piece = pieces.shift();
    if (piece) return piece;
    if (by === "client") client.abort();
    throw new Failure(by === "client" ? "client.gone" : "upstream.broken", { message: "The line broke." });
  };
  const headers = { "content-type": "text/event-stream" };
  const dispatch = async () => ({ status: 200, headers, body: pullBody(read, () => undefined) });
  const env: Env = { ...rig.env, dispatch };
  const handle = relay(subject.dialect, { upstreams: { [subject.upstream.kind]: subject.upstream }, bridges: [] });
  const ask = { ...subject.ask(true), headers: { authorization: `Bearer ${secret}` }, signal: client.signal };
  await readAnswer(await handle(buildRequest(ask), env), () => undefined).catch(() => undefined);
}

/** What the key's meters hold: spent in nanos ever, and calls, nanos and tokens that seem to be under way. */
async function meters(key: ApiKey): Promise<{ spent: number | undefined; underWay: number[] | undefined }> {
  await rig.settled();
  const slot = slotOf(key.id, rig.env.now(), rig.env);
  const look = (cell: number) => ({ cell, by: 0 });
  const [underWay, total] = await rig.env.store.count([
    { row: slot.row, steps: [slot.inFlight, slot.reservedNanos, slot.reservedTokens].map(look) },
    { row: rowName(key.id, "total"), steps: [look(cells.costNanos)] },
  ]);
  return { spent: total?.[0], underWay };
}

/** So many calls at once: the store then writes them together. */
const atOnce = 200;

describe.each(cases)("a stream of %s", (_name, subject, file) => {
  test.each(["upstream", "client"] as const)(
    "cut by the %s at any byte is settled once, with what was seen, and leaves nothing under way",
    async (by) => {
      const bytes = readFileSync(join(import.meta.dirname, "fixtures", file));
      const { upstream, account, credential = { kind: "api-key", secret: "none" } } = subject;
      await rig.addAccount({ kind: upstream.kind, ...account }, credential);
      const { key, secret } = await rig.addKey({ totalCostNanos: 1e15, dailyCostNanos: 1e15, concurrency: atOnce });
      for (let from = 1; from <= bytes.length; from += atOnce) {
        const length = Math.min(atOnce, bytes.length - from + 1);
        await Promise.all(
          Array.from({ length }, (_, index) => relayCut(subject, secret, { bytes, at: from + index, by })),
        );
      }
      const events = await rig.events();
      expect(events).toHaveLength(bytes.length);
      const sum = events.reduce((total, { costNanos }) => total + costNanos, 0);
      expect(await meters(key)).toEqual({ spent: sum, underWay: [0, 0, 0] });
      const complete = events.filter(({ outcome }) => outcome === "complete");
      expect(new Set(complete.map(({ costNanos }) => costNanos)).size).toBe(1);
      expect(complete.some(({ isEstimated }) => isEstimated)).toBe(false);
      for (const { id, outcome, account: served, costNanos } of events) {
        // Once the upstream has begun to answer, leaving early is never free.
        if (served !== undefined)
          expect({ id, costNanos }).toEqual({ id, costNanos: expect.toSatisfy((cost) => cost > 0) });
        else expect(["gone", "refused"]).toContain(outcome);
      }
    },
  );
});
