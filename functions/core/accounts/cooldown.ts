import type { Env } from "../../env.ts";
import type { Account, Cooldown, Credential } from "./account.ts";
import { isHeld } from "./credential.ts";
import type { Pool } from "./pool.ts";
import { accountFields, putPool } from "./pool.ts";

/** Lets an account, or one model family of it, rest. Two commands; none if it rests as long already. Never fails the call that saw the sign. */
export async function coolAccount(cooldown: Cooldown, pool: Pool, env: Env): Promise<void> {
  const name = `${cooldown.account}/${cooldown.scope}`;
  const present = pool.cooldowns.get(name);
  if (present && present.untilAt >= cooldown.untilAt) return;
  env.log("warn", "account rests", { ...cooldown, untilAt: new Date(cooldown.untilAt).toISOString() });
  try {
    await putPool({ [`cooldown/${name}`]: cooldown }, env);
  } catch (error) {
    env.log("error", "cooldown not written", { account: cooldown.account, error });
  }
}

/**
 * Takes an account out of service until an operator mends it, with a reason to read; not one that has another credential by
 * now than the one that was refused. Three commands. Never fails the call that saw the sign.
 */
export async function stopAccount(
  account: Account,
  used: Credential | undefined,
  reason: string,
  env: Env,
): Promise<void> {
  try {
    if (!(await isHeld(used, account, env))) return;
    env.log("error", "account stopped", { account: account.id, reason });
    await putPool(accountFields(account.id, { stoppedBecause: reason }), env);
  } catch (error) {
    env.log("error", "stop not written", { account: account.id, error });
  }
}
