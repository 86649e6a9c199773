import type { Env } from "../../env.ts";
import type { Figures } from "../../core/usage/totals.ts";
import { figure, noFigures, sumFigures } from "../../core/usage/totals.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { periodsOf } from "../../core/limits/meter.ts";
import { dayOf } from "../../core/limits/period.ts";
import { recentPool } from "../../core/accounts/pool.ts";
import { readSettings } from "../../core/accounts/settings.ts";
import { readAllTotals, readDays, readMonths, type Sums } from "../../core/usage/statistics.ts";
import { readTail } from "../../core/usage/unfolded.ts";
import { buildPage } from "../http/fields.ts";
import { allKeys } from "../keys/key-listing.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";
import { usageAccountOperations } from "./accounts.ts";
import { usageFailureOperations } from "./failures.ts";
import { usageLiveOperations } from "./live.ts";
import { usagePageOperations } from "./pages.ts";
import { usageRequestOperations } from "./requests.ts";
import * as shape from "./schema.ts";
import { readPair, readSpans } from "./spans.ts";
import { readTrend } from "./trend.ts";
import * as view from "./view.ts";

const mostRanked = 10;

const sumOf = (sums: Sums | undefined): Figures => sumFigures(sums?.keys.values() ?? []);

const statisticsOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/usage/overview",
    id: "getUsageOverview",
    summary: "The front page in one answer: at most 40 billed commands for 30 days, however many keys there are.",
    query: shape.OverviewQuery,
    answer: shape.Overview,
    async run({ query }, env) {
      const today = dayOf(env.now(), env.config).name;
      const { from = view.shift(query.to ?? today, 1 - (query.days ?? 30)), to } = query;
      const days = view.readSpan({ from, to }, 92, env);
      const read = [...days, view.shift(today, -1), today];
      const [sums, names, totals, commands, tail] = await Promise.all([
        readDays(read, env),
        view.readNames(env),
        readAllTotals(env),
        estimateCommands(today.slice(0, 7), env),
        readTail(env),
      ]);
      const shown = sums.slice(0, days.length);
      // The names have just read the pool.
      const { monthlyCommands: plan } = readSettings(await recentPool(env));
      const rank = (group: shape.Group) => {
        const grouped = view.addGroups(shown.map((sum) => view.groupSums(sum, group, names)));
        return view.rankGroups(grouped, group, names).slice(0, mostRanked);
      };
      return {
        at: tail.readAt,
        isBehind: tail.isBehind,
        today: view.buildFiguresView(sumOf(sums.at(-1))),
        yesterday: view.buildFiguresView(sumOf(sums.at(-2))),
        span: view.buildFiguresView(sumFigures(shown.map(sumOf))),
        total: view.buildFiguresView(sumFigures(totals.values())),
        trend: days.map((day, index) => ({
          period: day,
          startAt: view.startOfDay(day, env.config),
          figures: view.buildFiguresView(sumOf(shown[index])),
        })),
        keys: rank("key"),
        models: rank("model"),
        accounts: rank("account"),
        commands: { ...commands, plan },
      };
    },
  }),
  operation({
    method: "GET",
    path: "/admin/usage/trend",
    id: "getUsageTrend",
    summary: "Usage by the hour, day or month, in one series or one for each key, account, model or tag.",
    query: shape.TrendQuery,
    answer: shape.Trend,
    run: ({ query }, env) => readTrend(query, env),
  }),
  operation({
    method: "GET",
    path: "/admin/usage/spans",
    id: "compareUsage",
    summary:
      "What a span of days used, and the one before it, of the same hours. One command a day of both, and a few.",
    query: shape.SpansQuery,
    answer: shape.Spans,
    run: ({ query }, env) => readSpans(query, env),
  }),
  operation({
    method: "GET",
    path: "/admin/usage/ranking",
    id: "rankUsage",
    summary: "Keys, owners, accounts, models or tags by what they used in a span of days, and in the one before.",
    query: shape.RankingQuery,
    answer: shape.Ranking,
    async run({ query }, env) {
      const [pair, names] = await Promise.all([readPair(view.readSpan(query, 92, env), env), view.readNames(env)]);
      const group = (sums: readonly Sums[]) => view.addGroups(sums.map((sum) => view.groupSums(sum, query.by, names)));
      const before = group(pair.before);
      const rows = view
        .rankGroups(group(pair.now), query.by, names)
        .map((row) => ({ ...row, before: view.buildFiguresView(before.get(row.id) ?? noFigures()) }));
      const { sort = "costUsd" } = query;
      if (sort === "name") rows.sort((one, other) => view.compare(one.name, other.name));
      else rows.sort((one, other) => other.figures[sort] - one.figures[sort]);
      return buildPage(rows, query);
    },
  }),
];

/**
 * To count commands would cost commands, so they are reckoned: one for the log, one at admission and one at settlement for
 * each period that a key's limits count over. One command.
 */
async function estimateCommands(month: string, env: Env): Promise<{ month: string; estimated: number }> {
  const [[sums], keys] = await Promise.all([readMonths([month], env), allKeys(env)]);
  const byId = new Map(keys.map((key) => [key.id, key]));
  let estimated = 0;
  for (const [id, figures] of sums?.keys ?? []) {
    estimated += figure(figures, "requests") * commandsOf(byId.get(id), env);
  }
  return { month, estimated };
}

function commandsOf(key: ApiKey | undefined, env: Env): number {
  const periods = key && periodsOf(key, env.now(), env.config);
  if (!periods) return 1;
  const rows =
    1 + [periods.week, periods.window, periods.hasTotal || undefined].filter((row) => row !== undefined).length;
  return 1 + 2 * rows;
}

export const usageOperations: readonly Operation[] = [
  ...statisticsOperations,
  ...usageLiveOperations,
  ...usagePageOperations,
  ...usageAccountOperations,
  ...usageFailureOperations,
  ...usageRequestOperations,
];
