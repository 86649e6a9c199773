import { parseConfig, type Environment } from "../functions/config.ts";
import type { Env } from "../functions/env.ts";
import { sealCredential } from "../functions/records/credential.ts";
import { buildSecret, hashSecret, idOfHash, putKey } from "../functions/records/key.ts";
import { accountFields, putPool } from "../functions/records/pool.ts";
import type { Store } from "../functions/stores/store.ts";

/** An account at the simulated upstream and a key with far-away limits, written as the admin API writes them. Gives the secret. */
export async function prepare(store: Store, environment: Environment, upstream: string): Promise<string> {
  const env: Env = {
    store,
    config: parseConfig(environment),
    now: Date.now,
    log: () => undefined,
    after: () => undefined,
    isDraining: () => false,
    dispatch: () => Promise.reject(new Error("nothing is sent while preparing")),
  };
  const credential = sealCredential("bench", { kind: "api-key", secret: "sk-ant-sim-bench" }, env);
  await putPool(
    accountFields("bench", { name: "bench", kind: "anthropic", createdAt: Date.now(), baseUrl: upstream, credential }),
    env,
  );
  const secret = buildSecret();
  const hash = hashSecret(secret);
  const key = {
    id: idOfHash(hash),
    hash,
    prefix: secret.slice(0, 10),
    name: "bench",
    createdAt: Date.now(),
    concurrency: 100_000,
    dailyCostNanos: 1e15,
  };
  await putKey(key, key, env);
  return secret;
}
