import type { KeyChange } from "../../api/keys.ts";

export type FieldName = keyof KeyChange;

type Control =
  | {
      readonly control:
        | "text"
        | "long"
        | "tags"
        | "words"
        | "services"
        | "clients"
        | "flag"
        | "weekday"
        | "hour"
        | "families"
        | "bindings"
        | "aliases"
        | "expiry";
    }
  | { readonly control: "usd" }
  | { readonly control: "whole"; readonly max?: number };

export type Field = Control & { readonly name: FieldName };

export interface Section {
  readonly name: "basics" | "use" | "spend" | "rate" | "route";
  readonly fields: readonly Field[];
}

/** What can be set on a key, in the order in which a person thinks of it. Labels and explanations are in the dictionary, by name. */
export const sections: readonly Section[] = [
  {
    name: "basics",
    fields: [
      { name: "name", control: "text" },
      { name: "owner", control: "text" },
      { name: "tags", control: "tags" },
      { name: "description", control: "long" },
      { name: "expiresAt", control: "expiry" },
    ],
  },
  {
    name: "spend",
    fields: [
      { name: "dailyCostUsd", control: "usd" },
      { name: "weeklyCostUsd", control: "usd" },
      { name: "totalCostUsd", control: "usd" },
      { name: "totalTokens", control: "whole" },
      { name: "weeklyFamilyCostUsd", control: "families" },
      { name: "weeklyResetDay", control: "weekday" },
      { name: "weeklyResetHour", control: "hour" },
    ],
  },
  {
    name: "rate",
    fields: [
      { name: "concurrency", control: "whole", max: 10_000 },
      { name: "queueLength", control: "whole", max: 10_000 },
      { name: "queueWaitSeconds", control: "whole", max: 600 },
      { name: "windowMinutes", control: "whole", max: 527_040 },
      { name: "windowRequests", control: "whole" },
      { name: "windowTokens", control: "whole" },
      { name: "windowCostUsd", control: "usd" },
    ],
  },
  {
    name: "use",
    fields: [
      { name: "permissions", control: "services" },
      { name: "clients", control: "clients" },
      { name: "allowedModels", control: "words" },
      { name: "blockedModels", control: "words" },
      { name: "ips", control: "words" },
    ],
  },
  {
    name: "route",
    fields: [
      { name: "bindings", control: "bindings" },
      { name: "mayFallBack", control: "flag" },
      { name: "aliases", control: "aliases" },
    ],
  },
];

export const fields: readonly Field[] = sections.flatMap((section) => section.fields);

export type Settings = Required<KeyChange>;

/** A new key: no limits, everything allowed; the week begins on Monday at midnight. */
export const blank: Settings = {
  name: "",
  description: "",
  owner: "",
  tags: [],
  isEnabled: true,
  expiresAt: null,
  activeHours: null,
  permissions: [],
  concurrency: 0,
  queueLength: 0,
  queueWaitSeconds: 0,
  windowMinutes: 0,
  windowRequests: 0,
  windowTokens: 0,
  windowCostUsd: 0,
  dailyCostUsd: 0,
  weeklyCostUsd: 0,
  weeklyFamilyCostUsd: {},
  weeklyResetDay: 1,
  weeklyResetHour: 0,
  totalCostUsd: 0,
  totalTokens: 0,
  allowedModels: [],
  blockedModels: [],
  clients: [],
  ips: [],
  bindings: {},
  mayFallBack: true,
  aliases: {},
};

/** The settings among a key's fields. */
export function settingsOf(key: KeyChange): Settings {
  const names = Object.keys(blank) as FieldName[];
  return {
    ...blank,
    ...Object.fromEntries(names.filter((name) => key[name] !== undefined).map((name) => [name, key[name]])),
  };
}

/** Only what differs: the API writes only the fields that it is given. */
export function changesBetween(before: Settings, after: Settings): KeyChange {
  const names = Object.keys(blank) as FieldName[];
  return Object.fromEntries(
    names
      .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
      .map((name) => [name, after[name]]),
  );
}
