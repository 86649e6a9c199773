import { parseConfig, type Environment } from "../functions/config.ts";
import type { Env } from "../functions/env.ts";
import { sealCredential } from "../functions/records/credential.ts";
import { type ApiKey, buildSecret, hashSecret, idOfHash, putKey } from "../functions/records/key.ts";
import { accountFields, putPool } from "../functions/records/pool.ts";
import type { Store } from "../functions/stores/store.ts";

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

/** Two accounts at the simulated upstream and keys for them, written as the admin API writes them. */
export async function prepare(store: Store, environment: Environment, upstream: string): Promise<Secrets> {
  const env: Env = {
    store,
    config: parseConfig(environment),
    now: Date.now,
    log: () => undefined,
    after: () => undefined,
    isDraining: () => false,
    dispatch: () => Promise.reject(new Error("nothing is sent while preparing")),
  };
  const add = async (id: string, credential: string): Promise<void> => {
    const sealed = sealCredential(id, { kind: "api-key", secret: credential }, env);
    const account = { name: id, kind: "anthropic", createdAt: Date.now(), baseUrl: upstream, credential: sealed };
    await putPool(accountFields(id, account), env);
  };
  const addKey = async (account: string, limits: Partial<ApiKey>): Promise<string> => {
    const secret = buildSecret();
    const hash = hashSecret(secret);
    const named = { prefix: secret.slice(0, 10), name: account, createdAt: Date.now() };
    const key = { id: idOfHash(hash), hash, ...named, ...limits, bindings: { claude: account } };
    await putKey(key, key, env);
    return secret;
  };
  await add("bench", "sk-ant-sim-bench");
  await add("obedient", "sk-ant-sim");
  return {
    bench: await addKey("bench", usual),
    limited: await addKey("bench", every),
    obedient: await addKey("obedient", usual),
  };
}
