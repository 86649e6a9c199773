import type { Env } from "../../env.ts";
import { addFigures, noFigures, sumFigures, type Figures } from "../../core/usage/totals.ts";
import { forecastWindows, type Sample } from "../../core/accounts/forecast.ts";
import { getOrPut } from "../../core/usage/rollup/write.ts";
import { dayOf } from "../../core/limits/period.ts";
import { readPool, recentPool } from "../../core/accounts/pool.ts";
import { readShare } from "../../core/usage/rollup/schema.ts";
import { readDays } from "../../core/usage/statistics.ts";
import { readEntry } from "../../core/usage/entry.ts";
import { usageLog } from "../../core/usage/log.ts";
import { byId } from "../http/fields.ts";
import { unknownRecord } from "../http/invalid.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";
import * as shape from "./schema.ts";
import * as view from "./view.ts";

export const usageAccountOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/usage/accounts",
    id: "listUsageOfAccounts",
    summary:
      "What each account served today, how full its windows are and when they will be empty. Seven commands at most.",
    answer: shape.AccountsUsage,
    async run(_, env) {
      const today = dayOf(env.now(), env.config).name;
      const [pool, [sums], samples] = await Promise.all([recentPool(env), readDays([today], env), readSamples(1, env)]);
      const byAccount = new Map<string, Figures>();
      for (const [share, figures] of sums?.shares ?? []) {
        addFigures(getOrPut(byAccount, readShare(share).account, noFigures), figures);
      }
      const items = pool.accounts.map(({ id }) => ({
        id,
        today: view.buildFiguresView(byAccount.get(id) ?? noFigures()),
        windows: buildWindows(samples.get(id), env),
      }));
      return { items };
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
        readSamples(mostPages, env),
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
        trend: view.buildTrend(days, byDay, env),
        models: view.rankGroups(view.groupRows(rows.slice(0, -1).flat(), "model"), "model", names),
        windows: buildWindows(samples.get(account.id), env),
      };
    },
  }),
];

function buildWindows(samples: readonly Sample[] | undefined, env: Env): shape.WindowsView {
  return forecastWindows(samples ?? [], env.now()).map(({ resetAt, emptiesAt, ...rest }) => {
    return { ...rest, resetAt: resetAt ?? null, emptiesAt: emptiesAt ?? null };
  });
}

const page = 1_000;
const mostPages = 3;
const sampleMs = 3 * 3_600_000;

/** What the latest answers told of the accounts' windows. At most so many commands. */
async function readSamples(pages: number, env: Env): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>();
  const since = env.now() - sampleMs;
  let before = "+";
  for (let count = 0; count < pages; count += 1) {
    const entries = await env.store.readLogBackwards(usageLog, before, page);
    for (const entry of entries) {
      const { event } = readEntry(entry);
      if (event?.account === undefined || event.at < since) continue;
      for (const window of event.windows ?? []) {
        getOrPut(samples, event.account, () => []).push({ ...window, at: event.at });
      }
    }
    const last = entries.at(-1);
    if (!last || entries.length < page || Number(last.id.split("-")[0]) < since) break;
    before = last.id;
  }
  return samples;
}
