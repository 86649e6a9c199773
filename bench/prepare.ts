import { parseConfig, type Environment } from "../functions/config.ts";
import type { Env } from "../functions/env.ts";
import type { Account, Credential } from "../functions/core/accounts/account.ts";
import { sealCredential } from "../functions/core/accounts/credential.ts";
import { type ApiKey, putKey } from "../functions/core/keys/key.ts";
import { buildSecret, hashSecret, idOfHash } from "../functions/core/keys/secret.ts";
import { accountFields, putPool } from "../functions/core/accounts/pool.ts";
import type { Store } from "../functions/stores/store.ts";
import { upstreams } from "../functions/relay/upstreams/index.ts";

export interface Secrets {
  /** A key with a concurrency and a daily cost limit, both far away, bound to an account that gets 22 prepared chunks. */
  readonly bench: string;
  /** The same account, and a key with every kind of limit. */
  readonly limited: string;
  /** The same, bound to an account that does as the prompt says. */
  readonly obedient: string;
}

const usual = { concurrency: 100_000, dailyCostNanos: 1e15 };
/** All far away. */
const every: Partial<ApiKey> = {
  ...usual,
  windowMinutes: 5,
  windowRequests: 1e9,
  windowTokens: 1e12,
  windowCostNanos: 1e15,
  weeklyCostNanos: 1e15,
  weeklyFamilyCostNanos: { sonnet: 1e15 },
  totalCostNanos: 1e15,
  totalTokens: 1e12,
  permissions: ["claude"],
  allowedModels: ["claude-*"],
  blockedModels: ["claude-3*"],
  ips: ["127.0.0.0/8", "::1/128"],
};

/** What writing records needs of the world. */
export function buildEnv(store: Store, environment: Environment): Env {
  return {
    store,
    config: parseConfig(environment),
    now: Date.now,
    log: () => undefined,
    after: () => undefined,
    isDraining: () => false,
    dispatch: () => Promise.reject(new Error("nothing is sent while preparing")),
  };
}

/** `secret`: an API key, or whatever else the account signs with. */
async function addAccount(id: string, account: Partial<Account>, secret: string | Credential, env: Env): Promise<void> {
  const given = typeof secret === "string" ? { kind: "api-key" as const, secret } : secret;
  const credential = sealCredential(id, given, env);
  await putPool(accountFields(id, { name: id, createdAt: env.now(), ...account, credential }), env);
}

async function addKey(limits: Partial<ApiKey>, env: Env): Promise<string> {
  const secret = buildSecret(env);
  const hash = hashSecret(secret);
  const named = { prefix: secret.slice(0, 10), name: "bench", createdAt: env.now() };
  const key = { id: idOfHash(hash), hash, ...named, ...limits };
  await putKey(key, key, env);
  return secret;
}

/** An account and a limited key that is bound to it, written as the admin API writes them. Gives the key's secret. */
export async function prepareAccount(
  id: string,
  account: Partial<Account>,
  secret: string | Credential,
  env: Env,
): Promise<string> {
  await addAccount(id, account, secret, env);
  const { service = "claude" } = upstreams[account.kind ?? ""] ?? {};
  return addKey({ ...usual, bindings: { [service]: id } }, env);
}

/** Two accounts at the simulated upstream and keys for them. */
export async function prepare(env: Env, upstream: string): Promise<Secrets> {
  const account = { kind: "anthropic", baseUrl: upstream };
  const bench = await prepareAccount("bench", account, "sk-ant-sim-bench", env);
  const obedient = await prepareAccount("obedient", account, "sk-ant-sim", env);
  return { bench, obedient, limited: await addKey({ ...every, bindings: { claude: "bench" } }, env) };
}
