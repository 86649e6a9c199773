import { cache, type Env } from "../../env.ts";
import type { Account } from "../../core/accounts/account.ts";

interface Trouble {
  readonly untilAt: number;
  readonly ms: number;
}

const shortestMs = 15_000;
const longestMs = 60_000;

/** What this instance has seen of late. It is no state of the account: no other instance hears of it, and no command is spent. */
const troubleOf = cache<Trouble>("troubles");

/** The account failed for a reason that says nothing about it: this instance tries it last for 15 seconds, then 30, then 60. */
export function noteTrouble(account: string, env: Env): void {
  const known = troubleOf(env);
  const ms = Math.min(longestMs, (known.get(account)?.ms ?? shortestMs / 2) * 2);
  known.set(account, { untilAt: env.now() + ms, ms });
}

/** The account has served. */
export function clearTrouble(account: string, env: Env): void {
  troubleOf(env).delete(account);
}

/** The accounts in their order, those that have just failed behind the others. */
export function troubledLast(accounts: readonly Account[], env: Env): readonly Account[] {
  const known = troubleOf(env);
  if (known.size === 0) return accounts;
  const now = env.now();
  const isTroubled = ({ id }: Account) => (known.get(id)?.untilAt ?? 0) > now;
  return [...accounts.filter((account) => !isTroubled(account)), ...accounts.filter(isTroubled)];
}
