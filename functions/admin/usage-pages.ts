import type { Env } from "../env.ts";
import { checkDrift, mendDrift, type Drift } from "../records/drift.ts";
import { families } from "../records/family.ts";
import { addFigures, noFigures, sumFigures, type Figures } from "../records/figures.ts";
import { forecastWindows, type Sample, type WindowSample } from "../records/forecast.ts";
import type { ApiKey } from "../records/key.ts";
import { findKeyById } from "../records/key.ts";
import { getOrPut, listDetail } from "../records/ledger.ts";
import { dayOf } from "../records/period.ts";
import { putPool, readPool } from "../records/pool.ts";
import { readRetention } from "../records/retention.ts";
import { readShare } from "../records/rows.ts";
import { listAllStandings, readMeters } from "../records/standing.ts";
import { readDays, readKeyDays, readTotals } from "../records/statistics.ts";
import type { UsageEvent } from "../records/usage.ts";
import { readEntry } from "../records/usage-entry.ts";
import { usageLog } from "../records/usage-log.ts";
import { byId } from "./fields.ts";
import { unknownRecord } from "./invalid.ts";
import type { Operation } from "./operation.ts";
import { operation } from "./operation.ts";
import * as shape from "./usage-schema.ts";
import * as view from "./usage-view.ts";

export const usagePageOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/usage/keys/:id",
    id: "getUsageOfKey",
    summary: "What one key used, by day, model and account, and where its limits stand. One command a day and a few.",
    params: byId,
    query: shape.PageQuery,
    answer: shape.KeyUsage,
    async run({ params, query }, env) {
      const key = await getKey(params.id, env);
      const days = view.readSpan(query, 92, env);
      const today = dayOf(env.now(), env.config).name;
      const [names, meters] = await Promise.all([view.readNames(env), readMeters(key, env)]);
      const [details, [now], [total]] = await Promise.all([
        readKeyDays(key.id, days, env),
        readKeyDays(key.id, [today], env),
        readTotals([key.id], env),
      ]);
      const rows = details.map(listDetail);
      const byDay = rows.map((all) => sumFigures(all.map(({ figures }) => figures)));
      const rank = (group: "model" | "account") => view.rankGroups(groupRows(rows.flat(), group), group, names);
      return {
        id: key.id,
        name: key.name,
        today: view.buildFiguresView(sumFigures(listDetail(now ?? new Map()).map(({ figures }) => figures))),
        total: view.buildFiguresView(total ?? noFigures()),
        span: view.buildFiguresView(sumFigures(byDay)),
        trend: buildTrend(days, byDay, env),
        models: rank("model"),
        accounts: rank("account"),
        limits: meters ? listAllStandings(key, meters).map(view.buildLimitView) : [],
      };
    },
  }),
  operation({
    method: "GET",
    path: "/admin/usage/accounts/:id",
    id: "getUsageOfAccount",
    summary: "What one account served, by day and model, how full its windows are and when they will be empty.",
    params: byId,
    query: shape.PageQuery,
    answer: shape.AccountUsage,
    async run({ params, query }, env) {
      const account = (await readPool(env)).accountById.get(params.id);
      if (!account) throw unknownRecord("account", params.id);
      const days = view.readSpan(query, 92, env);
      const today = dayOf(env.now(), env.config).name;
      const [names, sums, samples] = await Promise.all([
        view.readNames(env),
        readDays([...days, today], env),
        readSamples(account.id, env),
      ]);
      const rows = sums.map(({ shares }) =>
        [...shares]
          .map(([share, figures]) => ({ ...readShare(share), figures }))
          .filter((row) => row.account === account.id),
      );
      const byDay = rows.map((all) => sumFigures(all.map(({ figures }) => figures)));
      return {
        id: account.id,
        name: account.name,
        today: view.buildFiguresView(byDay.at(-1) ?? noFigures()),
        span: view.buildFiguresView(sumFigures(byDay.slice(0, -1))),
        trend: buildTrend(days, byDay, env),
        models: view.rankGroups(groupRows(rows.slice(0, -1).flat(), "model"), "model", names),
        windows: forecastWindows(samples, env.now()).map(({ resetAt, emptiesAt, ...rest }) => {
          return { ...rest, resetAt: resetAt ?? null, emptiesAt: emptiesAt ?? null };
        }),
      };
    },
  }),
  operation({
    method: "GET",
    path: "/admin/usage/keys/:id/drift",
    id: "checkUsageDrift",
    summary: "Compare a key's meters with what its calls add up to.",
    params: byId,
    answer: shape.DriftReport,
    async run({ params }, env) {
      const key = await getKey(params.id, env);
      return buildDriftView(key, await checkDrift(key, env), false);
    },
  }),
  operation({
    method: "POST",
    path: "/admin/usage/keys/:id/drift",
    id: "mendUsageDrift",
    summary: "Set a key's meters right by what its calls add up to. Refused while the key is in use.",
    params: byId,
    answer: shape.DriftReport,
    async run({ params }, env) {
      const key = await getKey(params.id, env);
      return buildDriftView(key, await mendDrift(key, env), true);
    },
  }),
  operation({
    method: "GET",
    path: "/admin/usage/retention",
    id: "getUsageRetention",
    summary: "How long usage is kept.",
    answer: shape.RetentionSetting,
    run: async (_, env) => ({ ...(await readRetention(env)) }),
  }),
  operation({
    method: "PUT",
    path: "/admin/usage/retention",
    id: "putUsageRetention",
    summary: "Set how long usage is kept; what is too old goes with the next rollup.",
    body: shape.RetentionSetting,
    answer: shape.RetentionSetting,
    async run({ body }, env) {
      await putPool({ "setting/retention": body }, env);
      return body;
    },
  }),
];

async function getKey(id: string, env: Env): Promise<ApiKey> {
  const key = await findKeyById(id, env);
  if (!key) throw unknownRecord("API key", id);
  return key;
}

function buildTrend(days: readonly string[], byDay: readonly Figures[], env: Env): shape.PointView[] {
  return days.map((period, index) => {
    const figures = view.buildFiguresView(byDay[index] ?? noFigures());
    return { period, startAt: view.startOfDay(period, env.config), figures };
  });
}

type Row = ReturnType<typeof listDetail>[number];

function groupRows(rows: readonly Row[], group: "model" | "account"): Map<string, Figures> {
  const grouped = new Map<string, Figures>();
  for (const row of rows) addFigures(getOrPut(grouped, row[group], noFigures), row.figures);
  return grouped;
}

const page = 1_000;
const mostPages = 3;
const sampleMs = 3 * 3_600_000;

/** What the account's latest answers told of its windows. At most three commands. */
async function readSamples(account: string, env: Env): Promise<Sample[]> {
  const samples: Sample[] = [];
  const since = env.now() - sampleMs;
  let before = "+";
  for (let pages = 0; pages < mostPages; pages += 1) {
    const entries = await env.store.readLogBackwards(usageLog, before, page);
    for (const entry of entries) {
      const event = readEntry(entry).event as (UsageEvent & { windows?: readonly WindowSample[] }) | undefined;
      if (!event || event.account !== account || event.at < since) continue;
      for (const window of event.windows ?? []) samples.push({ ...window, at: event.at });
    }
    const last = entries.at(-1);
    if (!last || entries.length < page || Number(last.id.split("-")[0]) < since) break;
    before = last.id;
  }
  return samples;
}

function buildDriftView(key: ApiKey, drifts: readonly Drift[], isMended: boolean) {
  const isOff = drifts.some((drift) => drift.isOff);
  return {
    key: key.id,
    isOff,
    isMended: isMended && isOff,
    meters: drifts.map(({ period, startAt, meter, expected, tokens, costNanos, familyNanos }) => ({
      period,
      startAt,
      meter: { requests: meter.requests, tokens: meter.tokens, costUsd: view.usd(meter.costNanos) },
      log: expected
        ? { requests: expected.requests ?? null, tokens: expected.tokens, costUsd: view.usd(expected.costNanos) }
        : null,
      tokens,
      costUsd: view.usd(costNanos),
      families: Object.fromEntries(
        families.flatMap((family, index) => (familyNanos[index] ? [[family, view.usd(familyNanos[index])]] : [])),
      ),
    })),
  };
}
