import type { ApiKey } from "../keys/key.ts";
import type { Pool } from "./pool.ts";

/** Limits that a new key has unless it is given others; 0: no limit. */
export type KeyDefaults = Pick<
  ApiKey,
  "concurrency" | "dailyCostNanos" | "weeklyCostNanos" | "totalCostNanos" | "totalTokens"
>;

/** What an operator sets in the console. Each is a field `setting/<name>` of the pool; how long usage is kept is another (retention.ts). */
export interface Settings {
  /** Where clients reach the relay, for set-up snippets; undefined: where the console is open. */
  readonly publicUrl: string | undefined;
  /** Store commands that the plan has a month, for the dashboard. */
  readonly monthlyCommands: number;
  /** Days without a call after which a key is up for review. */
  readonly unusedDays: number;
  readonly keyDefaults: KeyDefaults;
}

/** The commands of Upstash's free plan: upstash.com/pricing/redis. */
export const settingDefaults: Settings = {
  publicUrl: undefined,
  monthlyCommands: 500_000,
  unusedDays: 90,
  keyDefaults: { concurrency: 0, dailyCostNanos: 0, weeklyCostNanos: 0, totalCostNanos: 0, totalTokens: 0 },
};

export const settingField = (name: keyof Settings): string => `setting/${name}`;

/** The settings, with the default for whatever was not set. No command. */
export function readSettings(pool: Pool): Settings {
  const names = Object.keys(settingDefaults) as (keyof Settings)[];
  const set = names.filter((name) => pool.settings.has(name)).map((name) => [name, pool.settings.get(name)]);
  const given = Object.fromEntries(set) as Partial<Settings>;
  return {
    ...settingDefaults,
    ...given,
    keyDefaults: { ...settingDefaults.keyDefaults, ...given.keyDefaults },
  };
}
