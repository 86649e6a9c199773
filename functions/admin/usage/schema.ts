import * as z from "zod/mini";
import { component } from "../http/component.ts";
import { id, instant, listOf, paging, text, whole } from "../http/fields.ts";

const count = (about: string) => z.int().check(z.describe(about));
const dollars = (about: string) => z.number().check(z.describe(`${about} US dollars.`));

export const Figures = component(
  "UsageFigures",
  z.object({
    requests: count("Calls that were settled."),
    errors: count("Calls that failed or were refused; clients that left are not among them."),
    gone: count("Calls whose client left before the end."),
    unpriced: count("Answered calls of a model that has no price: they count no cost."),
    errorRate: z.number().check(z.describe("Errors by requests, 0 to 1.")),
    inputTokens: count("Uncached input."),
    outputTokens: count("Output, reasoning included."),
    cacheReadTokens: count("Input read from the prompt cache."),
    cacheWrite5mTokens: count("Input written to the prompt cache for five minutes."),
    cacheWrite1hTokens: count("Input written to the prompt cache for an hour."),
    reasoningTokens: count("The part of the output that was reasoning."),
    tokens: count("All tokens that a token limit counts."),
    webSearches: count("Searches that the provider made."),
    costUsd: dollars("Cost by the prices of the time."),
    undeliveredUsd: dollars("Paid, and not delivered: the cost of answers whose reader had left before their end."),
    firstMs: z.nullable(
      z.number().check(z.describe("Mean time to the first byte of streams, in milliseconds; null: none.")),
    ),
    totalMs: z.nullable(z.number().check(z.describe("Mean length of a call, in milliseconds; null: none."))),
  }),
);

const day = (about: string) =>
  z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/, { error: "must be a day, such as 2026-10-31" }), z.describe(about));
export const span = {
  from: z.optional(day("The first local day; by default 29 days before the last.")),
  to: z.optional(day("The last local day; today by default.")),
};

const named = { id: z.string(), name: z.string().check(z.describe("As it is called now; the id if it is gone.")) };
const Ranked = z.object({ ...named, figures: Figures });
const Point = z.object({
  period: z.string().check(z.describe("`2026-10-31`, `2026-10` or, for an hour, `2026-10-31T09`.")),
  startAt: instant("When it begins."),
  figures: Figures,
});

export const Overview = component(
  "UsageOverview",
  z.object({
    at: instant("As of when."),
    isBehind: z.boolean().check(z.describe("More was used than is counted yet: the rollup is catching up.")),
    today: Figures,
    yesterday: Figures,
    span: Figures.check(z.describe("Of the days that were asked for.")),
    total: Figures,
    trend: z.array(Point),
    keys: z.array(Ranked).check(z.describe("The ten keys that cost most in these days.")),
    models: z.array(Ranked),
    accounts: z.array(Ranked),
    commands: z
      .object({
        month: z.string(),
        estimated: count(
          "Billed commands that this month's calls cost, by the known cost of a call and of the jobs; pages and the console are not in it.",
        ),
        plan: count("Commands that the plan has a month, by the setting `monthlyCommands`."),
      })
      .check(z.describe("Reckoned from the figures: to count commands would cost commands.")),
  }),
);
export const OverviewQuery = z.strictObject({
  ...span,
  days: z.optional(
    z.coerce
      .number()
      .check(
        z.int(),
        z.gte(1),
        z.lte(30),
        z.describe("Days up to today, where `from` and `to` are absent; 30 by default."),
      ),
  ),
});

export const granularities = ["hour", "day", "month"] as const;
export const groups = ["none", "key", "owner", "account", "model", "tag"] as const;
export type Group = (typeof groups)[number];

export const TrendQuery = z.strictObject({
  ...span,
  granularity: z.optional(
    z.enum(granularities).check(z.describe("`day` by default. At most 7 days by the hour, 92 by the day, 36 months.")),
  ),
  group: z.optional(z.enum(groups).check(z.describe("One series each; `none` by default."))),
  key: z.optional(id),
  most: z.optional(
    z.coerce
      .number()
      .check(
        z.int(),
        z.gte(1),
        z.lte(50),
        z.describe("Series, the costliest first; the others are added up in one. 10 by default."),
      ),
  ),
});
export const Trend = component(
  "UsageTrend",
  z.object({
    granularity: z.enum(granularities),
    group: z.enum(groups),
    series: z.array(z.object({ ...named, total: Figures, points: z.array(Point) })),
  }),
);

export const sorts = ["costUsd", "tokens", "requests", "errors", "name"] as const;
export const RankingQuery = z.strictObject({
  ...span,
  ...paging,
  by: z.enum(groups).check(z.describe("What to rank; `none` is one row of all.")),
  sort: z.optional(z.enum(sorts).check(z.describe("`costUsd` by default."))),
});
export const Ranking = component(
  "UsageRanking",
  listOf(z.object({ ...named, figures: Figures, before: Figures.check(z.describe("Of the span before.")) })),
);

export const SpansQuery = z.strictObject({ ...span, key: z.optional(id), account: z.optional(id) });
export const Spans = component(
  "UsageSpans",
  z.object({
    ...{ from: z.string(), to: z.string(), figures: Figures },
    before: z
      .object({ from: z.string(), to: z.string(), figures: Figures })
      .check(
        z.describe(
          "The span before: the month before of a month's first days, else as many days. Where the span ends today, its last day counts up to the same time of day.",
        ),
      ),
  }),
);

const LimitStanding = z.object({
  name: z.string(),
  unit: z.enum(["calls", "requests", "tokens", "usd"]),
  limit: z.number(),
  used: z.number(),
  reserved: z.number().check(z.describe("Held back for calls under way.")),
  remaining: z.number(),
  resetAt: z.nullable(instant("When it begins anew; null: it does not.")),
});
export const PageQuery = z.strictObject({ ...span });
export const KeyUsage = component(
  "UsageOfKey",
  z.object({
    ...named,
    today: Figures,
    total: Figures,
    span: Figures,
    trend: z.array(Point),
    models: z.array(Ranked),
    accounts: z.array(Ranked),
    limits: z.array(LimitStanding),
  }),
);
const WindowView = z.object({
  name: z.string().check(z.describe("`5h`, `7d` … as the provider calls it.")),
  utilization: z.number().check(z.describe("0 to 1.")),
  at: instant("When the provider told it."),
  resetAt: z.nullable(instant("When it begins anew; null: not told.")),
  emptiesAt: z.nullable(
    instant("When it is used up if work goes on like this; null: it resets before, or nothing tells."),
  ),
});
export const AccountUsage = component(
  "UsageOfAccount",
  z.object({
    ...named,
    today: Figures,
    span: Figures,
    trend: z.array(Point),
    models: z.array(Ranked),
    windows: z.array(WindowView),
  }),
);

export const AccountsUsage = component(
  "UsageOfAccounts",
  z.object({ items: z.array(z.object({ id: z.string(), today: Figures, windows: z.array(WindowView) })) }),
);
export type WindowsView = z.infer<typeof AccountsUsage>["items"][number]["windows"];

export const Live = component(
  "UsageLive",
  z.object({
    at: instant("As of when."),
    minutes: z.array(
      z.object({
        startAt: instant("When the minute begins."),
        requests: z.int(),
        tokens: z.int(),
        errors: z.int(),
        costUsd: z.number(),
      }),
    ),
    requestsPerMinute: z.number().check(z.describe("Mean of the whole minutes.")),
    tokensPerMinute: z.number(),
    isWhole: z
      .boolean()
      .check(z.describe("False: there was more than could be looked at, and the first minutes are missing.")),
  }),
);
export const LiveQuery = z.strictObject({
  minutes: z.optional(z.coerce.number().check(z.int(), z.gte(1), z.lte(60), z.describe("5 by default."))),
});

const Sides = z.object({ requests: z.nullable(z.int()), tokens: z.int(), costUsd: z.number() });
export const DriftReport = component(
  "UsageDrift",
  z.object({
    key: z.string(),
    isOff: z.boolean(),
    isMended: z.boolean().check(z.describe("Whether the differences were added to the meters just now.")),
    meters: z.array(
      z.object({
        period: z.enum(["day", "week", "window", "total"]),
        startAt: instant("When it began."),
        meter: Sides,
        log: z.nullable(Sides).check(z.describe("Null: the log does not reach back to the start of the period.")),
        tokens: z.int().check(z.describe("What the meter lacks.")),
        costUsd: z.number().check(z.describe("What the meter lacks. US dollars.")),
        families: z
          .record(z.string(), z.number())
          .check(z.describe("What the meters of model families lack. US dollars.")),
      }),
    ),
  }),
);

export const RetentionSetting = component(
  "UsageRetention",
  z.strictObject({
    logDays: whole(1, 400, "Days that single calls are kept."),
    logEvents: whole(1_000, 5_000_000, "Calls that are kept at most."),
    dayRows: whole(31, 3_660, "Days that figures by the day are kept; months and totals are kept for good."),
    hourRows: whole(2, 366, "Days that figures by the hour are kept."),
  }),
);

export const byRecord = z.strictObject({ id: text(80, "The record's id.") });
export type FiguresView = z.infer<typeof Figures>;
export type PointView = z.infer<typeof Point>;
export type RankedView = z.infer<typeof Ranked>;
