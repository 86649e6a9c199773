import * as z from "zod/mini";
import type { Env } from "../../env.ts";
import { putPool, readPool } from "../../core/accounts/pool.ts";
import { settingField, readSettings, type KeyDefaults, type Settings } from "../../core/accounts/settings.ts";
import { zoneName } from "../../core/limits/period.ts";
import { component } from "../http/component.ts";
import { flag, text, usd, webAddress, whole } from "../http/fields.ts";
import { nanosOfUsd, usdOfNanos } from "../http/money.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";

const keyDefaults = {
  concurrency: whole(0, 10_000, "Calls in flight at once; 0: no limit."),
  dailyCostUsd: usd("Cost in a day."),
  weeklyCostUsd: usd("Cost in a week."),
  totalCostUsd: usd("Cost in the key's whole life."),
  totalTokens: whole(0, Number.MAX_SAFE_INTEGER, "Tokens in the key's whole life; 0: no limit."),
};

const settable = {
  publicUrl: z.nullable(webAddress("Where clients reach the relay, as set-up snippets tell it; null: PUBLIC_URL.")),
  monthlyCommands: whole(1, 1_000_000_000_000, "Store commands that the plan has a month, for the dashboard."),
  unusedDays: whole(1, 3_650, "Days without a call after which a key is up for review."),
  keyDefaults: z
    .strictObject(keyDefaults)
    .check(z.describe("Limits of new keys that are made without them; an explicit 0 stays no limit.")),
};

const SettingsView = component(
  "Settings",
  z.object({
    ...settable,
    environment: z
      .object({
        publicUrl: z.nullable(z.string()),
        timeZone: text(80, "An IANA name, or hours from UTC."),
        usageStatistics: flag("Whether calls are counted at all."),
      })
      .check(z.describe("What only the environment sets.")),
  }),
);

const SettingsChange = component(
  "SettingsChange",
  z.strictObject({
    publicUrl: z.optional(settable.publicUrl),
    monthlyCommands: z.optional(settable.monthlyCommands),
    unusedDays: z.optional(settable.unusedDays),
    keyDefaults: z.optional(settable.keyDefaults),
  }),
);

export const settingOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/settings",
    id: "getSettings",
    summary:
      "What an operator may set without the environment; how long usage is kept is under /admin/usage/retention.",
    answer: SettingsView,
    run: (_, env) => readView(env),
  }),
  operation({
    method: "PATCH",
    path: "/admin/settings",
    id: "updateSettings",
    summary: "Change some settings; only those are written.",
    body: SettingsChange,
    answer: SettingsView,
    async run({ body }, env) {
      const fields: Record<string, unknown> = {};
      for (const name of ["publicUrl", "monthlyCommands", "unusedDays"] as const)
        if (body[name] !== undefined) fields[settingField(name)] = body[name] ?? undefined;
      if (body.keyDefaults) fields[settingField("keyDefaults")] = buildDefaults(body.keyDefaults);
      if (Object.keys(fields).length > 0) await putPool(fields, env);
      return readView(env);
    },
  }),
];

type DefaultsView = z.infer<typeof settable.keyDefaults>;

function buildDefaults(view: DefaultsView): KeyDefaults {
  return {
    concurrency: view.concurrency,
    dailyCostNanos: nanosOfUsd(view.dailyCostUsd) ?? 0,
    weeklyCostNanos: nanosOfUsd(view.weeklyCostUsd) ?? 0,
    totalCostNanos: nanosOfUsd(view.totalCostUsd) ?? 0,
    totalTokens: view.totalTokens,
  };
}

async function readView(env: Env) {
  return buildView(readSettings(await readPool(env)), env);
}

function buildView({ publicUrl, monthlyCommands, unusedDays, keyDefaults: limits }: Settings, env: Env) {
  const { PUBLIC_URL, ENABLE_USAGE_STATISTICS } = env.config;
  return {
    publicUrl: publicUrl ?? null,
    monthlyCommands,
    unusedDays,
    keyDefaults: {
      concurrency: limits.concurrency,
      dailyCostUsd: usdOfNanos(limits.dailyCostNanos),
      weeklyCostUsd: usdOfNanos(limits.weeklyCostNanos),
      totalCostUsd: usdOfNanos(limits.totalCostNanos),
      totalTokens: limits.totalTokens,
    },
    environment: {
      publicUrl: PUBLIC_URL ?? null,
      timeZone: zoneName(env.config),
      usageStatistics: ENABLE_USAGE_STATISTICS,
    },
  };
}
