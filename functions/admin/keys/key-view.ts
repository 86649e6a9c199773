import { expiryOf } from "../../relay/flow/authenticate.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { invalid } from "../http/invalid.ts";
import type { KeySettings, KeyState, KeyView } from "./key-schema.ts";
import { nanosOfUsd, usdOfNanos } from "../http/money.ts";

/** A key as the admin API shows it: costs in dollars, never the hash. */
export function buildKeyView(key: ApiKey, now: number): KeyView {
  return {
    id: key.id,
    prefix: key.prefix,
    state: stateOf(key, now),
    createdAt: key.createdAt,
    deletedAt: key.deletedAt ?? null,
    firstUsedAt: key.firstUsedAt ?? null,
    endsAt: expiryOf(key) ?? null,
    formerSecretUntil: key.rotation && key.rotation.formerUntil > now ? key.rotation.formerUntil : null,
    leak: key.leak ?? null,
    name: key.name,
    description: key.description,
    owner: key.owner,
    tags: [...key.tags],
    isEnabled: key.isEnabled,
    expiresAt: key.expiresAt ?? null,
    activeHours: key.activeHours ?? null,
    permissions: [...key.permissions] as KeyView["permissions"],
    ...buildLimits(key),
    allowedModels: [...key.allowedModels],
    blockedModels: [...key.blockedModels],
    clients: [...key.clients] as KeyView["clients"],
    ips: [...key.ips],
    bindings: { ...key.bindings },
    mayFallBack: key.mayFallBack,
    aliases: { ...key.aliases },
  };
}

function buildLimits(key: ApiKey) {
  return {
    concurrency: key.concurrency,
    queueLength: key.queueLength,
    queueWaitSeconds: key.queueWaitSeconds,
    windowMinutes: key.windowMinutes,
    windowRequests: key.windowRequests,
    windowTokens: key.windowTokens,
    windowCostUsd: usdOfNanos(key.windowCostNanos),
    dailyCostUsd: usdOfNanos(key.dailyCostNanos),
    weeklyCostUsd: usdOfNanos(key.weeklyCostNanos),
    weeklyFamilyCostUsd: mapValues(key.weeklyFamilyCostNanos, usdOfNanos),
    weeklyResetDay: key.weeklyResetDay,
    weeklyResetHour: key.weeklyResetHour,
    totalCostUsd: usdOfNanos(key.totalCostNanos),
    totalTokens: key.totalTokens,
  };
}

export function stateOf(key: ApiKey, now: number): KeyState {
  if (key.deletedAt !== undefined) return "deleted";
  if (!key.isEnabled) return "disabled";
  const endsAt = expiryOf(key);
  return endsAt !== undefined && now >= endsAt ? "expired" : "active";
}

const costs = {
  windowCostUsd: "windowCostNanos",
  dailyCostUsd: "dailyCostNanos",
  weeklyCostUsd: "weeklyCostNanos",
  totalCostUsd: "totalCostNanos",
} as const;

/** The columns that settings change: only those that were given. Null takes a value away. */
export function buildColumns(settings: KeySettings): Partial<ApiKey> {
  const columns: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(settings)) {
    if (value === undefined) continue;
    if (field in costs) columns[costs[field as keyof typeof costs]] = nanosOfUsd(value as number);
    else if (field === "weeklyFamilyCostUsd")
      columns.weeklyFamilyCostNanos = mapValues(value as Record<string, number>, nanosOfUsd);
    else columns[field] = value ?? undefined;
  }
  return columns as Partial<ApiKey>;
}

/** Refuses limits that could never take effect, so that nothing an operator sets is silently ignored. */
export function checkTogether(key: ApiKey): void {
  if (key.windowMinutes === 0 && (key.windowRequests > 0 || key.windowTokens > 0 || key.windowCostNanos > 0)) {
    throw invalid("windowMinutes", "must be set for a limit on the requests, tokens or cost of a window");
  }
  if (key.queueLength > 0 && key.concurrency === 0)
    throw invalid("concurrency", "must be set for calls to wait in a queue");
  if (key.queueLength > 0 && key.queueWaitSeconds === 0)
    throw invalid("queueWaitSeconds", "must be set for calls to wait in a queue");
}

function mapValues<A, B>(map: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value)]));
}
