import type { Env } from "../../env.ts";
import { readPool } from "../../core/accounts/pool.ts";
import { upstreams } from "../../relay/upstreams/index.ts";
import { invalid } from "../http/invalid.ts";

/** Refuses bindings to accounts or groups that do not exist, or to an account of another service. Two commands. */
export async function checkBindings(bindings: Readonly<Record<string, string | undefined>>, env: Env): Promise<void> {
  if (Object.keys(bindings).length === 0) return;
  const pool = await readPool(env);
  for (const [service, target] of Object.entries(bindings)) {
    if (target === undefined) continue;
    const field = `bindings.${service}`;
    if (target.startsWith("group:")) {
      if (!pool.groups.has(target.slice("group:".length))) throw invalid(field, "there is no such group");
      continue;
    }
    const account = pool.accountById.get(target);
    if (!account) throw invalid(field, "there is no such account");
    const served = upstreams[account.kind]?.service;
    if (served !== service)
      throw invalid(field, `the account "${account.name}" serves ${served ?? "nothing"}, not ${service}`);
  }
}
