import type { TFunction } from "i18next";
import type { KeyChange } from "../../api/keys.ts";
import type { Format } from "../../parts/format.ts";

interface Words {
  readonly t: TFunction;
  readonly format: Format;
}

const serviceNames: Readonly<Record<string, string>> = {
  claude: "Claude",
  openai: "OpenAI",
  gemini: "Gemini",
  azure: "Azure OpenAI",
};
const clientNames: Readonly<Record<string, string>> = {
  "claude-code": "Claude Code",
  codex: "Codex CLI",
  "gemini-cli": "Gemini CLI",
};
export const services = Object.entries(serviceNames).map(([value, label]) => ({ value, label }));
export const clients = Object.entries(clientNames).map(([value, label]) => ({ value, label }));

const named = (list: readonly string[] | undefined, names: Readonly<Record<string, string>>, joiner: string) =>
  (list ?? []).map((word) => names[word] ?? word).join(joiner);

/** What a key may do, in a few words each: "up to $5 a day", "3 at once", "only Claude". Empty: everything, without limit. */
export function describeKey(key: KeyChange, { t, format }: Words): string[] {
  const joiner = t("common.listJoiner");
  const most = (value: number | undefined, say: (value: number) => string) => (value ? [say(value)] : []);
  const window = key.windowMinutes ? span(key.windowMinutes, t) : "";
  return [
    ...most(key.dailyCostUsd, (usd) => t("describe.daily", { usd: format.usd(usd) })),
    ...most(key.weeklyCostUsd, (usd) => t("describe.weekly", { usd: format.usd(usd) })),
    ...Object.entries(key.weeklyFamilyCostUsd ?? {}).map(([family, usd]) =>
      t("describe.family", { usd: format.usd(usd), family }),
    ),
    ...most(key.totalCostUsd, (usd) => t("describe.total", { usd: format.usd(usd) })),
    ...most(key.totalTokens, (count) => t("describe.totalTokens", { tokens: format.compact(count) })),
    ...most(key.concurrency, (count) => t("describe.concurrency", { calls: format.number(count) })),
    ...most(key.queueLength, (count) =>
      t("describe.queue", { calls: format.number(count), seconds: key.queueWaitSeconds ?? 0 }),
    ),
    ...most(key.windowRequests, (count) => t("describe.windowRequests", { requests: format.compact(count), window })),
    ...most(key.windowTokens, (count) => t("describe.windowTokens", { tokens: format.compact(count), window })),
    ...most(key.windowCostUsd, (usd) => t("describe.windowCost", { usd: format.usd(usd), window })),
    ...(key.permissions?.length ? [t("describe.only", { what: named(key.permissions, serviceNames, joiner) })] : []),
    ...(key.clients?.length ? [t("describe.clients", { what: named(key.clients, clientNames, joiner) })] : []),
    ...(key.allowedModels?.length ? [t("describe.models", { what: key.allowedModels.join(joiner) })] : []),
    ...(key.blockedModels?.length ? [t("describe.blocked", { what: key.blockedModels.join(joiner) })] : []),
    ...(key.ips?.length ? [t("describe.ips", { what: key.ips.join(joiner) })] : []),
    ...describeEnd(key, { t, format }),
  ];
}

function describeEnd(key: KeyChange, { t, format }: Words): string[] {
  return [
    ...(key.expiresAt ? [t("describe.until", { at: format.time(key.expiresAt) })] : []),
    ...(key.activeHours ? [t("describe.active", { span: span(key.activeHours * 60, t) })] : []),
  ];
}

/** Minutes in the largest unit that divides them. */
function span(minutes: number, t: TFunction): string {
  if (minutes % 1440 === 0) return t("describe.days", { count: minutes / 1440 });
  if (minutes % 60 === 0) return t("describe.hours", { count: minutes / 60 });
  return t("describe.minutes", { count: minutes });
}
