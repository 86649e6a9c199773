import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Account } from "../../api/accounts.ts";
import { useAccounts } from "../../api/accounts.ts";
import { usePulse } from "../../api/pulse.ts";
import type { AccountNow } from "../../api/usage.ts";
import { useUsageOfAccounts } from "../../api/usage.ts";
import { countdown } from "../../parts/format.ts";
import { useNow } from "../../parts/now.ts";
import { State } from "../../parts/state.tsx";
import { tones } from "../accounts/account-state.tsx";
import { Window } from "../accounts/window.tsx";
import classes from "./dashboard.module.css";

const urgency: Record<Account["state"]["status"], number> = {
  stopped: 0,
  "no-credential": 1,
  cooling: 2,
  paused: 3,
  serving: 4,
};
const most = 8;

/** Accounts with the ones that need somebody first. */
export function AccountsNow() {
  const { t } = useTranslation();
  const accounts = useAccounts();
  const usage = useUsageOfAccounts(usePulse(60_000));
  const sorted = [...(accounts.data ?? [])].sort(
    (one, other) => urgency[one.state.status] - urgency[other.state.status],
  );
  return (
    <ul className={classes.accounts}>
      {sorted.slice(0, most).map((account) => (
        <li key={account.id}>
          <Link href={`/accounts/${account.id}`}>{account.name}</Link>
          <State tone={tones[account.state.status]}>
            {t(`accounts.status.${account.state.status}`)}
            {account.state.untilAt !== null && <Left untilAt={account.state.untilAt} />}
          </State>
          {account.state.reason && account.state.status !== "serving" && (
            <span className={classes.why}>{account.state.reason}</span>
          )}
          <Windows windows={usage.data?.get(account.id)?.windows ?? []} />
        </li>
      ))}
    </ul>
  );
}

function Windows({ windows }: { readonly windows: AccountNow["windows"] }) {
  if (windows.length === 0) return null;
  return (
    <div className={classes.windows}>
      {windows.map((window) => (
        <Window key={window.name} window={window} />
      ))}
    </div>
  );
}

function Left({ untilAt }: { readonly untilAt: number }) {
  return <span className="tabular">{countdown(untilAt - useNow())}</span>;
}
