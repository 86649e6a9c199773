import type { Account } from "../../core/accounts/account.ts";
import { figure, sumFigures, type Figures } from "../../core/usage/totals.ts";
import type { WindowSample } from "../../core/accounts/forecast.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { readShare } from "../../core/usage/rollup/schema.ts";
import type { Alert, Rule } from "./alert.ts";
import type { AlertSettings } from "./settings.ts";
import { wordInstant } from "./words.ts";

/** What a key has used of one of its limits. */
export interface Spent {
  readonly key: Pick<ApiKey, "id" | "name">;
  readonly limit: "daily" | "weekly" | "total";
  readonly usedNanos: number;
  readonly mostNanos: number;
}

/** All that the rules look at. What a rule that is off would need is empty. */
export interface Facts {
  readonly now: number;
  readonly accounts: readonly Pick<Account, "id" | "name" | "isEnabled" | "stoppedBecause">[];
  readonly windows: ReadonlyMap<string, readonly WindowSample[]>;
  readonly spent: readonly Spent[];
  /** Of this hour and the one before, by account and model. */
  readonly shares: ReadonlyMap<string, Figures>;
  /** This month's. */
  readonly commands: number;
}

type Find = (facts: Facts, settings: AlertSettings) => Alert[];

const found: Record<Exclude<Rule, "store-down">, Find> = {
  "account-stopped": ({ accounts }) =>
    accounts
      .filter(({ isEnabled, stoppedBecause }) => isEnabled && stoppedBecause !== undefined)
      .map(({ id, name, stoppedBecause = "" }) => build("account-stopped", id, name, { reason: stoppedBecause })),
  "window-nearly-empty": ({ accounts, windows, now }, { windowShare }) =>
    accounts
      .filter(({ isEnabled }) => isEnabled)
      .flatMap(({ id, name }) =>
        (windows.get(id) ?? [])
          .filter((window) => window.utilization >= windowShare && (window.resetAt ?? Infinity) > now)
          .map((window) =>
            build("window-nearly-empty", `${id}/${window.name}`, name, {
              window: window.name,
              used: percent(window.utilization),
              resetAt: window.resetAt === undefined ? "–" : wordInstant(window.resetAt),
            }),
          ),
      ),
  "budget-reached": ({ spent }, { budgetShare }) =>
    spent
      .filter(({ usedNanos, mostNanos }) => mostNanos > 0 && usedNanos >= mostNanos * budgetShare)
      .map(({ key, limit, usedNanos, mostNanos }) =>
        build("budget-reached", `${key.id}/${limit}`, key.name, { limit, used: usd(usedNanos), most: usd(mostNanos) }),
      ),
  // Calls that reached an account: a key that runs into its limits is no fault of the relay's.
  "error-rate": ({ shares }, { errorShare, errorLeast }) => {
    const sum = sumFigures([...shares].filter(([share]) => readShare(share).account !== "").map(([, each]) => each));
    const [requests, failed] = [figure(sum, "requests"), figure(sum, "errors")];
    if (requests < errorLeast || failed < requests * errorShare) return [];
    const figures = { requests: String(requests), failed: String(failed), rate: percent(failed / requests) };
    return [build("error-rate", "all", "", figures)];
  },
  "command-budget": ({ commands }, { commandsMonth, commandsShare }) => {
    if (commandsMonth === 0 || commands < commandsMonth * commandsShare) return [];
    const figures = { used: String(commands), most: String(commandsMonth), rate: percent(commands / commandsMonth) };
    return [build("command-budget", "month", "", figures)];
  },
};

/** Everything that is wrong by the rules that are on. */
export function findAlerts(facts: Facts, settings: AlertSettings): Alert[] {
  return Object.entries(found).flatMap(([rule, find]) =>
    settings.off.includes(rule as Rule) ? [] : find(facts, settings),
  );
}

function build(rule: Rule, record: string, subject: string, figures: Alert["figures"]): Alert {
  return { id: `${rule}/${record}`, rule, subject, figures };
}

const percent = (share: number) => `${Math.floor(share * 100)} %`;
const usd = (nanos: number) => `$${(nanos / 1e9).toFixed(2)}`;
