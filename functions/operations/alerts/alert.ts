/** What an operator should know. The same thing at two times has the same `id`. */
export interface Alert {
  /** `<rule>/<record>`. */
  readonly id: string;
  readonly rule: Rule;
  /** What it is about, for people: an account's name, a key's. */
  readonly subject: string;
  /** What fills the sentence of the rule (words.ts). */
  readonly figures: Readonly<Record<string, string>>;
}

export const rules = [
  "account-stopped",
  "window-nearly-empty",
  "budget-reached",
  "error-rate",
  "store-down",
  "command-budget",
] as const;
export type Rule = (typeof rules)[number];

/** What nobody serves by itself, and what can wait until the morning. */
export const isCritical: Readonly<Record<Rule, boolean>> = {
  "account-stopped": true,
  "window-nearly-empty": false,
  "budget-reached": false,
  "error-rate": true,
  "store-down": true,
  "command-budget": false,
};

export type Turn = "raised" | "reminder" | "cleared" | "test";

/** One message to the channels. */
export interface Notice {
  readonly turn: Turn;
  readonly alert: Alert;
  readonly sinceAt: number;
  /** Ids of the only channels that are still to be told; undefined: all. */
  readonly to?: readonly string[];
}
