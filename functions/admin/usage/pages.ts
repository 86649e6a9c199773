import type { Env } from "../../env.ts";
import { checkDrift, mendDrift, type Drift } from "../../core/usage/drift.ts";
import { families } from "../../core/keys/model-families.ts";
import { noFigures, sumFigures } from "../../core/usage/totals.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { findKeyById } from "../../core/keys/key.ts";
import { listDetail } from "../../core/usage/rollup/write.ts";
import { dayOf } from "../../core/limits/period.ts";
import { putPool } from "../../core/accounts/pool.ts";
import { readRetention } from "../../core/usage/rollup/retention.ts";
import { listAllStandings, readMeters } from "../../core/limits/limit-status.ts";
import { readKeyDays, readTotals } from "../../core/usage/statistics.ts";
import { byId } from "../http/fields.ts";
import { unknownRecord } from "../http/invalid.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";
import * as shape from "./schema.ts";
import * as view from "./view.ts";

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
      const rank = (group: "model" | "account") => view.rankGroups(view.groupRows(rows.flat(), group), group, names);
      return {
        id: key.id,
        name: key.name,
        today: view.buildFiguresView(sumFigures(listDetail(now ?? new Map()).map(({ figures }) => figures))),
        total: view.buildFiguresView(total ?? noFigures()),
        span: view.buildFiguresView(sumFigures(byDay)),
        trend: view.buildTrend(days, byDay, env),
        models: rank("model"),
        accounts: rank("account"),
        limits: meters ? listAllStandings(key, meters).map(view.buildLimitView) : [],
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
