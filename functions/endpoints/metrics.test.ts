import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildRequest, startRig, type Rig } from "../../test/rig.ts";
import { buildEvent } from "../../test/usage.ts";
import type { Env } from "../env.ts";
import { Failure } from "../failure.ts";
import { histogramSamples, writeMetrics } from "../core/process/exposition.ts";
import { encodeFigures } from "../core/usage/totals.ts";
import { totalTable } from "../core/usage/rollup/schema.ts";
import { buildFigures } from "../core/usage/totals.ts";
import { watchStore, tallyCall, tallyRefusal, tallyStart } from "../core/process/counters.ts";
import { handle } from "./metrics.ts";

let rig: Rig;
let env: Env;
beforeEach(async () => {
  rig = await startRig({ environment: { METRICS_TOKEN: "scrape-token" } });
  env = { ...rig.env, store: watchStore(rig.env.store) };
});
afterEach(() => rig.stop());

const scrape = async (on: Env = env, token = "scrape-token") => {
  const answer = await handle(
    buildRequest({ method: "GET", path: "/metrics", headers: { authorization: `Bearer ${token}` } }),
    on,
  );
  return String(answer.body);
};
/** The value of a sample by its name and labels as they are written. */
const find = (text: string, sample: string) =>
  text
    .split("\n")
    .find((line) => line.startsWith(`${sample} `))
    ?.split(" ")
    .at(-1);

describe("/metrics", () => {
  test("does not exist without its setting, and is refused without its token", async () => {
    const without: Env = { ...env, config: { ...env.config, METRICS_TOKEN: undefined } };
    await expect(scrape(without)).rejects.toMatchObject({ code: "route.unknown" });
    for (const token of ["", "scrape-toke", "scrape-token2"])
      await expect(scrape(env, token)).rejects.toMatchObject({ status: 401 });
  });

  test("tells calls by endpoint, status and blame, tokens by class, cost, times and what is in flight", async () => {
    for (let calls = 0; calls < 3; calls += 1) tallyStart(env);
    const ms = { queue: 0, select: 0, head: 300, first: 400, total: 9_000 };
    const event = {
      dialect: "anthropic",
      operation: "messages",
      isStream: true,
      status: 200,
      costNanos: 1_500_000_000,
      ms,
    };
    tallyCall(buildEvent({ ...event, usage: { inputTokens: 7, cacheWrite5mTokens: 5 } }), undefined, env);
    tallyCall(buildEvent({ ...event, status: 502, costNanos: 0, usage: { inputTokens: 0 } }), "upstream", env);
    tallyRefusal("anthropic", new Failure("key.unknown"), env);
    const text = await scrape();
    const calls = (endpoint: string, status: number, blame: string) =>
      find(text, `relay_requests_total{endpoint="${endpoint}",status="${status}",blame="${blame}"}`);
    expect(calls("anthropic/messages", 200, "")).toBe("1");
    expect(calls("anthropic/messages", 502, "upstream")).toBe("1");
    expect(calls("anthropic", 401, "client")).toBe("1");
    expect(find(text, 'relay_tokens_total{class="input"}')).toBe("7");
    expect(find(text, 'relay_tokens_total{class="cache_write5m"}')).toBe("5");
    expect(find(text, "relay_cost_dollars_total")).toBe("1.5");
    expect(find(text, 'relay_first_byte_seconds_bucket{le="0.25"}')).toBe("0");
    expect(find(text, 'relay_first_byte_seconds_bucket{le="0.5"}')).toBe("1");
    expect(find(text, "relay_request_duration_seconds_sum")).toBe("9");
    expect(find(text, "relay_requests_in_flight")).toBe("1");
    expect(Number(find(text, "process_resident_memory_bytes"))).toBeGreaterThan(10_000_000);
  });

  test("tells what keys used in all time, and the state of each account", async () => {
    const { key } = await rig.addKey({ name: 'a "quoted"\nname' });
    const account = await rig.addAccount({ name: "Work", stoppedBecause: "refused" });
    const figures = buildFigures(buildEvent({ costNanos: 2_000_000_000 }));
    await rig.env.store.put(totalTable, { [`k|${key.id}`]: encodeFigures(figures), "@": "1-1" });
    const text = await scrape();
    const labels = `key="${key.id}",name="a \\"quoted\\"\\nname"`;
    expect(find(text, `relay_key_cost_dollars_total{${labels}}`)).toBe("2");
    expect(find(text, `relay_key_requests_total{${labels}}`)).toBe("1");
    const state = (name: string) =>
      find(text, `relay_account_state{account="${account.id}",name="Work",kind="${account.kind}",state="${name}"}`);
    expect([state("stopped"), state("serving")]).toEqual(["1", "0"]);
  });

  test("scraped each 15 seconds for an hour spends less than one command a minute", async () => {
    const before = Number(find(await scrape(), 'relay_store_commands_total{verb="list"}') ?? 0);
    for (let scrapes = 0; scrapes < 240; scrapes += 1) {
      rig.pass(15_000);
      await scrape();
    }
    const text = await scrape();
    const spent = Number(find(text, 'relay_store_commands_total{verb="list"}')) - before;
    expect(spent).toBeGreaterThan(0);
    expect(spent).toBeLessThan(60);
    expect([...text.matchAll(/^relay_store_commands_total/gm)]).toHaveLength(1);
  });

  test("goes on while the store is down, and says so", async () => {
    await rig.addAccount({ name: "Work" });
    expect(find(await scrape(), "relay_store_up")).toBe("1");
    const { list } = rig.env.store;
    rig.env.store.list = () => Promise.reject(new Failure("store.unavailable"));
    const down: Env = { ...env, store: watchStore(rig.env.store) };
    const text = await scrape(down);
    rig.env.store.list = list;
    expect(find(text, "relay_store_up")).toBe("0");
    expect(find(text, 'relay_store_errors_total{verb="list"}')).toBe("3");
  });

  test("tells of the process nothing where nobody counts, as on Lambda", async () => {
    const text = await scrape(rig.env);
    expect(text).toContain("relay_store_up 1");
    expect(text).not.toContain("relay_requests_total");
    expect(text).not.toContain("process_");
  });

  test("is what Prometheus reads: help and type once a metric, buckets cumulated, one line a sample", async () => {
    const metric = { name: "m_seconds", help: "a\\b\nc", type: "histogram" as const };
    expect(writeMetrics([{ ...metric, samples: histogramSamples([0.5, 1], [2, 0, 3], 7.5) }])).toBe(
      '# HELP m_seconds a\\\\b\\nc\n# TYPE m_seconds histogram\nm_seconds_bucket{le="0.5"} 2\nm_seconds_bucket{le="1"} 2\n' +
        'm_seconds_bucket{le="+Inf"} 5\nm_seconds_sum 7.5\nm_seconds_count 5\n',
    );
    const text = await scrape();
    const types = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
    expect(new Set(types).size).toBe(types.length);
    for (const line of text.trimEnd().split("\n"))
      expect(line).toMatch(/^(# (HELP|TYPE) .+|[a-z_]+(\{([a-z_]+="([^"\\\n]|\\.)*",?)*\})? \S+)$/);
  });
});
