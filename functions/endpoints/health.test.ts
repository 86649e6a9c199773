import { describe, expect, test } from "vitest";
import { startRig } from "../../test/rig.ts";
import type { Env } from "../env.ts";
import { Failure } from "../failure.ts";
import type { Store } from "../stores/store.ts";
import type { Request } from "../wire/exchange.ts";
import { watchStore } from "../core/process/counters.ts";
import { handle } from "./health.ts";

/** A store that counts its commands and can be down. */
function buildStore() {
  const counts = { commands: 0, isDown: false };
  const command = async () => {
    counts.commands += 1;
    if (counts.isDown) throw new Failure("store.unavailable");
  };
  const store: Pick<Store, "kind" | "ping" | "read" | "close"> = {
    kind: "upstash",
    ping: command,
    read: async () => {
      await command();
      return [];
    },
    close: async () => undefined,
  };
  return { counts, store: store as Store };
}

async function rig() {
  const { counts, store } = buildStore();
  const base = await startRig();
  let now = 1_000_000;
  let isDraining = false;
  const env: Env = { ...base.env, store: watchStore(store, () => now), now: () => now, isDraining: () => isDraining };
  const ask = async (path = "/health", query = "") => {
    const request: Pick<Request, "path" | "query" | "headers"> = { path, query, headers: {} };
    const { status, body } = await handle(request as Request, env);
    return { status, said: JSON.parse(String(body)) as Record<string, unknown> };
  };
  await base.stop();
  return { counts, env, ask, pass: (ms: number) => void (now += ms), drain: () => (isDraining = true) };
}

describe("whether the process serves", () => {
  test.each([
    ["/live", ""],
    ["/health", "live=1"],
  ])("%s?%s is 200 while the store is down, costs nothing, and turns 503 with the drain", async (path, query) => {
    const { counts, ask, drain } = await rig();
    counts.isDown = true;
    expect(await ask(path, query)).toEqual({ status: 200, said: { status: "ok" } });
    expect(counts.commands).toBe(0);
    expect((await ask()).status).toBe(503);
    drain();
    expect(await ask(path, query)).toEqual({ status: 503, said: { status: "draining" } });
  });
});

describe("/health", () => {
  test("asks a store that nobody has seen yet once, and then never again while it is up", async () => {
    const { counts, ask, pass } = await rig();
    for (let index = 0; index < 120; index += 1) {
      expect((await ask()).status).toBe(200);
      pass(30_000);
    }
    expect(counts.commands).toBe(1);
  });

  test("tells version, store and latency", async () => {
    const { ask } = await rig();
    expect((await ask()).said).toEqual({
      status: "ok",
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      store: { kind: "upstash", state: "up", latencyMs: 0 },
    });
  });

  test("costs nothing after a call has seen the store", async () => {
    const { counts, env, ask } = await rig();
    await env.store.read(["a"]);
    await ask();
    expect(counts.commands).toBe(1);
  });

  test("turns 503 with the first call that finds the store down, and back once it answers again", async () => {
    const { counts, env, ask, pass } = await rig();
    await ask();
    pass(60_000);
    counts.isDown = true;
    await env.store.read(["a"]).catch(() => undefined);
    expect(await ask()).toMatchObject({ status: 503, said: { status: "store-down", store: { state: "down" } } });
    counts.isDown = false;
    pass(15_000);
    expect((await ask()).status).toBe(200);
  });

  test("asks a store that is down at most once in 15 seconds", async () => {
    const { counts, ask, pass } = await rig();
    counts.isDown = true;
    for (let index = 0; index < 60; index += 1) {
      expect((await ask()).status).toBe(503);
      pass(1_000);
    }
    expect(counts.commands).toBe(4);
  });

  test("asks for ?deep=1, at most once in 15 seconds, and many at once share one answer", async () => {
    const { counts, ask, pass } = await rig();
    await Promise.all([ask("/health", "deep=1"), ask("/health", "deep=1"), ask()]);
    expect(counts.commands).toBe(1);
    pass(15_000);
    await ask("/health", "deep=1");
    expect(counts.commands).toBe(2);
  });

  test("turns 503 while the machine drains", async () => {
    const { ask, drain } = await rig();
    drain();
    expect(await ask()).toMatchObject({ status: 503, said: { status: "draining" } });
  });

  test.each(["/api", "/claude", "/api/", "/claude/"])("%s answers 200 without the store", async (path) => {
    const { counts, ask } = await rig();
    counts.isDown = true;
    expect(await ask(path)).toEqual({ status: 200, said: { status: "ok" } });
    expect(counts.commands).toBe(0);
  });
});
