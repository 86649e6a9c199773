import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeMetrics, type Metric } from "../functions/core/process/exposition.ts";
import { buildFigures, encodeFigures } from "../functions/core/usage/totals.ts";
import { collectMetrics } from "../functions/core/process/metrics.ts";
import { putPool } from "../functions/core/accounts/pool.ts";
import { totalTable } from "../functions/core/usage/rollup/schema.ts";
import { watchStore, tallyCall } from "../functions/core/process/counters.ts";
import { startRig, type Rig } from "./rig.ts";
import { buildEvent } from "./usage.ts";

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}
interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}
const file = new URL("../docs/grafana/claude-relay.json", import.meta.url);
const dashboard = JSON.parse(readFileSync(file, "utf8")) as Dashboard;
const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }) => ({ title, expr, legend: legendFormat })),
);

let rig: Rig;
let metrics: Metric[];
beforeAll(async () => {
  rig = await startRig();
  const env = { ...rig.env, store: watchStore(rig.env.store) };
  const account = await rig.addAccount({ name: "Work" });
  await putPool({ [`window/${account.id}`]: [{ name: "5h", utilization: 0.8, resetAt: undefined }] }, env);
  const { key } = await rig.addKey();
  await env.store.put(totalTable, { [`k|${key.id}`]: encodeFigures(buildFigures(buildEvent({}))) });
  tallyCall(buildEvent({ isStream: true }), undefined, env);
  await env.store.list("nothing");
  const store = { ...env.store, find: () => Promise.reject(new Error("down")) };
  const failing = { ...env, store: watchStore(store) };
  await failing.store.find("pool", ["x"]).catch(() => undefined);
  metrics = [...(await collectMetrics(env)), ...(await collectMetrics(failing))].filter(
    (each) => each.samples.length > 0,
  );
});
afterAll(() => rig.stop());

/** The labels of a metric as a query may name it: a histogram has its buckets, and Prometheus adds job and instance. */
function labelsOf(name: string): Set<string> | undefined {
  const metric = metrics.find((each) => each.samples.some(({ suffix = "" }) => each.name + suffix === name));
  const own = metric?.samples.flatMap(({ labels = {} }) => Object.keys(labels));
  return own && new Set([...own, "job", "instance"]);
}

const namesIn = (expr: string) => [...expr.matchAll(/\b(?:relay|process)_[a-z]+(?:_[a-z]+)+/g)].map(([name]) => name);

describe("the Grafana dashboard", () => {
  test("asks only for metrics that /metrics has", () => {
    const others = [
      ...dashboard.annotations.list.map(({ expr }) => expr),
      ...dashboard.templating.list.map(({ definition = "" }) => definition),
    ];
    const names = [...queries.map(({ expr }) => expr), ...others].flatMap(namesIn);
    expect(names.length).toBeGreaterThan(25);
    expect(names.filter((name) => !labelsOf(name))).toEqual([]);
  });

  test("shows every metric of the relay", () => {
    const shown = new Set(
      [...queries, ...dashboard.annotations.list].flatMap(({ expr }) =>
        namesIn(expr).map((name) => name.replace(/_bucket$/, "")),
      ),
    );
    const apart = ["relay_build_info", "relay_key_requests_total", "relay_key_errors_total", "relay_key_tokens_total"];
    const told = new Set(metrics.map(({ name }) => name));
    expect([...told].filter((name) => !shown.has(name) && !apart.includes(name))).toEqual([]);
  });

  test.each(queries)("$title: $expr has no label that the metric has not", ({ expr, legend }) => {
    const known = new Set(namesIn(expr).flatMap((name) => [...(labelsOf(name) ?? [])]));
    const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(/,\s*/));
    const matched = [...expr.matchAll(/[{,]\s*(\w+)(?:=~|!~|!=|=)"/g)].map(([, name = ""]) => name);
    const told = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = ""]) => name);
    expect([...grouped, ...matched, ...told].filter((name) => !known.has(name))).toEqual([]);
    // What was summed away cannot stand in a legend.
    if (grouped.length > 0) expect(told.filter((name) => !grouped.includes(name))).toEqual([]);
    expect([...expr].filter((each) => each === "(").length).toBe([...expr].filter((each) => each === ")").length);
  });

  test("has panels with ids of their own, which do not lie over each other", () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const taken = new Set<string>();
    for (const { title, gridPos } of dashboard.panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.has(`${x} ${y}`), title).toBe(false);
          taken.add(`${x} ${y}`);
        }
      }
    }
  });
});

test("what the dashboard's test measures against is what a scrape tells", () => {
  expect(writeMetrics(metrics)).toContain("relay_account_window_ratio{");
});

test("docs/monitoring.md tells every metric, and no other", () => {
  const text = readFileSync(new URL("../docs/monitoring.md", import.meta.url), "utf8");
  expect([...new Set(namesIn(text))].toSorted()).toEqual(
    metrics
      .map(({ name }) => name)
      .filter((name, index, all) => all.indexOf(name) === index)
      .toSorted(),
  );
});
