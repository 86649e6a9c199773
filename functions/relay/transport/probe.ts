import { askModels, askNothing, type Reply } from "./model-lists.ts";
import { cache, type Env } from "../../env.ts";
import { toFailure } from "../../failure.ts";
import type { Account, Credential } from "../../core/accounts/account.ts";
import { stopAccount } from "../../core/accounts/cooldown.ts";
import { openCredential } from "../../core/accounts/credential.ts";
import { readErrorBody } from "../upstreams/provider-error.ts";
import type { Upstream } from "../upstreams/upstream.ts";
import { quote } from "../../wire/redact.ts";

/** An account is asked at most this often by one instance, whatever its calls are answered. */
const everyMs = 60_000;

const askedAt = cache<number>("probes");

/**
 * An answer to somebody's call looked as if the account's credential were refused. What a caller sent may have caused that,
 * so the relay asks the account by itself, with content of its own: first for its models, then, where a list proves
 * nothing (some vendors show it to everybody), with an empty request that is looked at after the credential only. The
 * account stops if its provider refuses that. Runs after the answer. Never throws. False: it was asked a moment ago.
 */
export function probeAccount(account: Account, upstream: Upstream, env: Env): boolean {
  const asked = askedAt(env);
  const now = env.now();
  const lastAt = asked.get(account.id);
  if (lastAt !== undefined && now >= lastAt && now - lastAt < everyMs) return false;
  asked.set(account.id, now);
  env.after(probe(account, upstream, env));
  return true;
}

async function probe(account: Account, upstream: Upstream, env: Env): Promise<void> {
  try {
    for (const ask of [askModels, askNothing]) {
      const reply = await ask(account, upstream, env);
      const reason = reply && refusalIn(reply, upstream, env);
      if (!reply || reason === undefined) continue;
      return await stopAccount(account, reply.credential, reason, env);
    }
    env.log("info", "account asked after a refusal: it is well", { account: account.id });
  } catch (error) {
    const failure = toFailure(error);
    env.log("warn", "account asked after a refusal: no answer", { account: account.id, error: failure });
    if (failure.code === "credential.rejected") await stopAccount(account, heldBy(account, env), failure.message, env);
  }
}

function refusalIn({ status, text, headers, secrets }: Reply, upstream: Upstream, env: Env): string | undefined {
  const error = readErrorBody(text, headers);
  const verdict = upstream.judge({ status, headers, error, model: undefined, nowAt: env.now() });
  if (verdict.kind !== "rejected") return undefined;
  return `${status}: ${quote(error.message, secrets) || "refused"}`;
}

/** Undefined where it cannot be opened. */
function heldBy(account: Account, env: Env): Credential | undefined {
  try {
    return openCredential(account, env);
  } catch {
    // It was sealed with another key: there is nothing to stop.
    return undefined;
  }
}
