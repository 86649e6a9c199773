import { type ApiKey } from "../../core/keys/key.ts";
import { idOfHash } from "../../core/keys/secret.ts";
import { instant, type Old } from "./accounts.ts";
import { parseJson } from "../../wire/json.ts";

const clientNames: Readonly<Record<string, string>> = {
  claude_code: "claude-code",
  gemini_cli: "gemini-cli",
  codex_cli: "codex",
};
const serviceNames = ["claude", "gemini", "openai"];

/** A key in this relay's shape. `tell` is given what has no counterpart, a sentence each. Undefined: it is no key. */
export function makeKey(old: Old, tell: (what: string) => void): ApiKey | undefined {
  const hash = old.apiKey ?? "";
  if (!/^[0-9a-f]{64}$/.test(hash)) return undefined;
  const isDeleted = old.isDeleted === "true";
  const permissions = narrow(permissionsOf(old), (name) => (serviceNames.includes(name) ? name : undefined));
  const clients = narrow(
    old.enableClientRestriction === "true" ? wordsOf(old.allowedClients) : [],
    (name) => clientNames[name],
  );
  const isEmptied = permissions === undefined || clients === undefined;
  if (isEmptied) tell("is disabled: it may only use what this relay does not have");
  for (const field of ["serviceRates", "icon", "openaiResponsesPayloadRules"])
    if (old[field] && !["{}", "[]"].includes(old[field])) tell(`comes without its ${field}`);
  return {
    id: idOfHash(hash),
    hash,
    prefix: "cr_",
    name: old.name ?? "",
    description: old.description ?? "",
    owner: old.userUsername ?? "",
    tags: wordsOf(old.tags),
    isEnabled: old.isActive !== "false" && !isEmptied,
    createdAt: instant(old.createdAt) ?? 0,
    deletedAt: isDeleted ? (instant(old.deletedAt) ?? instant(old.createdAt) ?? 1) : undefined,
    ...expiryOf(old),
    permissions: permissions ?? [],
    ...limitsOf(old, tell),
    allowedModels: [],
    blockedModels: old.enableModelRestriction === "true" ? wordsOf(old.restrictedModels) : [],
    clients: clients ?? [],
    ips: [],
    ...bindingsOf(old),
    aliases: {},
    leak: undefined,
    rotation: undefined,
  };
}

/** A list that named something and has nothing left must not become one that allows everything. */
function narrow(names: readonly string[], map: (name: string) => string | undefined): string[] | undefined {
  const mapped = names.map(map).filter((name) => name !== undefined);
  return names.length > 0 && mapped.length === 0 ? undefined : mapped;
}

function permissionsOf({ permissions = "" }: Old): string[] {
  if (permissions === "" || permissions === "all") return [];
  return permissions.startsWith("[") ? wordsOf(permissions) : [permissions];
}

function wordsOf(text: string | undefined): string[] {
  const value = parseJson(text);
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

const whole = (text: string | undefined): number => Math.max(0, Math.floor(Number(text ?? "") || 0));

/** Dollars as text, to billionths. */
export const nanos = (text: string | undefined): number => Math.max(0, Math.round((Number(text ?? "") || 0) * 1e9));

function expiryOf(old: Old): Pick<ApiKey, "expiresAt" | "activeHours" | "firstUsedAt"> {
  if (old.expirationMode !== "activation")
    return { expiresAt: instant(old.expiresAt), activeHours: undefined, firstUsedAt: undefined };
  const activeHours = whole(old.activationDays) * (old.activationUnit === "hours" ? 1 : 24) || undefined;
  return {
    expiresAt: undefined,
    activeHours,
    firstUsedAt: old.isActivated === "true" ? instant(old.activatedAt) : undefined,
  };
}

type Limits = Pick<
  ApiKey,
  | "concurrency"
  | "queueLength"
  | "queueWaitSeconds"
  | "windowMinutes"
  | "windowRequests"
  | "windowTokens"
  | "windowCostNanos"
  | "dailyCostNanos"
  | "weeklyCostNanos"
  | "weeklyFamilyCostNanos"
  | "weeklyResetDay"
  | "weeklyResetHour"
  | "totalCostNanos"
  | "totalTokens"
>;

function limitsOf(old: Old, tell: (what: string) => void): Limits {
  const weeklyCostNanos = nanos(old.weeklyOpusCostLimit);
  if (weeklyCostNanos > 0) tell("has its weekly limit of Claude models as one of all models, and its week begins anew");
  return {
    concurrency: whole(old.concurrencyLimit),
    queueLength: 0,
    queueWaitSeconds: 0,
    windowMinutes: whole(old.rateLimitWindow),
    windowRequests: whole(old.rateLimitRequests),
    windowTokens: whole(old.tokenLimit),
    windowCostNanos: whole(old.tokenLimit) > 0 ? 0 : nanos(old.rateLimitCost),
    dailyCostNanos: nanos(old.dailyCostLimit),
    weeklyCostNanos,
    weeklyFamilyCostNanos: {},
    weeklyResetDay: whole(old.weeklyResetDay) || 1,
    weeklyResetHour: whole(old.weeklyResetHour),
    totalCostNanos: nanos(old.totalCostLimit),
    totalTokens: 0,
  };
}

/** A key that was bound to what was not taken stays bound to it, and is refused: it must not fall to everybody's accounts. */
function bindingsOf(old: Old): Pick<ApiKey, "bindings" | "mayFallBack"> {
  const claude = old.claudeAccountId || old.claudeConsoleAccountId || old.bedrockAccountId;
  const pairs = [
    ["claude", claude],
    ["gemini", old.geminiAccountId?.replace(/^api:/, "")],
    ["openai", old.openaiAccountId?.replace(/^responses:/, "")],
    ["azure", old.azureOpenaiAccountId],
  ].filter(([, target]) => target);
  return {
    bindings: Object.fromEntries(pairs) as Record<string, string>,
    mayFallBack: !old.claudeAccountId && Boolean(claude),
  };
}
