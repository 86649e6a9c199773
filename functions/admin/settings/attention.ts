import * as z from "zod/mini";
import type { Env } from "../../env.ts";
import { recentPool, type Pool } from "../../core/accounts/pool.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { periodsOf } from "../../core/limits/meter.ts";
import { dayOf } from "../../core/limits/period.ts";
import { findPrice } from "../../core/money/price-table.ts";
import { jobNames, readRuns } from "../../core/process/job-runs.ts";
import { daysBetween, nextDay } from "../../core/usage/rollup/retention.ts";
import { readDays, readTotals } from "../../core/usage/statistics.ts";
import { figure, sumFigures } from "../../core/usage/totals.ts";
import { component } from "../http/component.ts";
import { instant } from "../http/fields.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";
import { allKeys } from "../keys/key-listing.ts";
import { readUnpriced } from "./prices.ts";

const kinds = ["account-stopped", "no-credential", "window", "limit", "unpriced", "job", "leak"] as const;
const Item = z.object({
  kind: z.enum(kinds),
  id: z.string().check(z.describe("The account's or key's id, the model or the job.")),
  name: z.string(),
  detail: z
    .nullable(z.string())
    .check(z.describe("Why an account or job stopped, the window's name, or the limit: daily, weekly or total.")),
  share: z.nullable(z.number().check(z.describe("How full a window or limit is, 0 to 1."))),
  resetAt: z.nullable(instant("When a window begins anew.")),
});
type Found = z.infer<typeof Item>;
const Attention = component("Attention", z.object({ items: z.array(Item) }));

export const attentionOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/alerts/attention",
    id: "getAttention",
    summary:
      "What needs a person now, with or without channels: looked up when it is asked for. One command a day of the longest week that a key's limit counts, and seven.",
    answer: Attention,
    async run(_, env) {
      const [pool, keys] = await Promise.all([recentPool(env), allKeys(env)]);
      const live = keys.filter((key) => key.isEnabled && key.deletedAt === undefined);
      const [limits, unpriced, runs] = await Promise.all([findLimits(live, env), readUnpriced(env), readRuns(env)]);
      const leaks = live.filter((key) => key.leak !== undefined).map(({ id, name }) => build("leak", id, name));
      const missing = unpriced.filter(({ model }) => findPrice(model, env.now(), pool.prices) === undefined);
      const jobs = jobNames.flatMap((name) => {
        const [last] = runs[name];
        return last?.outcome === "failed" ? [build("job", name, name, { detail: last.failure?.message ?? null })] : [];
      });
      const models = missing.map(({ model }) => build("unpriced", model, model));
      return { items: [...findAccounts(pool, env), ...leaks, ...limits, ...models, ...jobs] };
    },
  }),
];

const build = (kind: Found["kind"], id: string, name: string, rest: Partial<Found> = {}): Found => ({
  ...{ kind, id, name, detail: null, share: null, resetAt: null },
  ...rest,
});

const fullShare = 0.9;

function findAccounts({ accounts, windows }: Pool, env: Env): Found[] {
  return accounts
    .filter(({ isEnabled }) => isEnabled)
    .toSorted((one, other) => one.name.localeCompare(other.name))
    .flatMap(({ id, name, stoppedBecause, credential }) => {
      if (stoppedBecause !== undefined) return [build("account-stopped", id, name, { detail: stoppedBecause })];
      if (credential === undefined) return [build("no-credential", id, name)];
      return (windows.get(id) ?? [])
        .filter(({ utilization, resetAt = Infinity }) => utilization >= fullShare && resetAt > env.now())
        .map((window) =>
          build("window", id, name, {
            ...{ detail: window.name, share: window.utilization, resetAt: window.resetAt ?? null },
          }),
        );
    });
}

/** Keys that are at a limit of cost, by the figures of days: a week that begins within a day counts from that day's start. */
async function findLimits(keys: readonly ApiKey[], env: Env): Promise<Found[]> {
  const today = dayOf(env.now(), env.config).name;
  const limited = keys
    .map((key) => ({ key, week: key.weeklyCostNanos > 0 ? periodsOf(key, env.now(), env.config)?.week : undefined }))
    .filter(({ key, week }) => week !== undefined || key.dailyCostNanos > 0 || key.totalCostNanos > 0);
  if (limited.length === 0) return [];
  const firsts = limited.map(({ week }) => (week ? dayOf(week.startAt, env.config).name : today));
  const days = daysBetween(
    firsts.reduce((one, other) => (one < other ? one : other)),
    nextDay(today),
  );
  const ofTotal = limited.filter(({ key }) => key.totalCostNanos > 0).map(({ key }) => key.id);
  const [sums, totals] = await Promise.all([readDays(days, env), ofTotal.length > 0 ? readTotals(ofTotal, env) : []]);
  const since = (id: string, first: string) =>
    figure(sumFigures(sums.slice(days.indexOf(first)).map(({ keys: all }) => all.get(id) ?? [])), "costNanos");
  return limited.flatMap(({ key, week }, index) => {
    const used = {
      daily: [since(key.id, today), key.dailyCostNanos],
      weekly: [since(key.id, firsts[index] ?? today), week ? key.weeklyCostNanos : 0],
      total: [figure(totals[ofTotal.indexOf(key.id)] ?? [], "costNanos"), key.totalCostNanos],
    } as const;
    return Object.entries(used)
      .filter(([, [nanos, most]]) => most > 0 && nanos >= most)
      .map(([detail, [nanos, most]]) => build("limit", key.id, key.name, { detail, share: nanos / most }));
  });
}
