import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import type { Account, Credential } from "../../core/accounts/account.ts";
import { openProxy, renewCredential } from "../../core/accounts/credential.ts";
import { upstreams } from "../../relay/upstreams/index.ts";

/** A fresh credential for an account, written for all instances. Throws `request.unsupported`, `credential.rejected`, `upstream.*`. */
export async function renewAccount(account: Account, env: Env): Promise<Credential> {
  const refresh = upstreams[account.kind]?.refresh;
  if (!refresh)
    throw new Failure("request.unsupported", { message: `An account of kind ${account.kind} has nothing to renew.` });
  const proxy = openProxy(account, env);
  return renewCredential(account, (stale) => refresh(stale, account, proxy, env), env);
}
