import { parseConfig, type Environment } from "../functions/config.ts";
import type { Env } from "../functions/env.ts";
import { sealCredential } from "../functions/records/credential.ts";
import { buildSecret, hashSecret, idOfHash, putKey } from "../functions/records/key.ts";
import { accountFields, putPool } from "../functions/records/pool.ts";
import type { Store } from "../functions/stores/store.ts";

export interface Secrets {
  /** A key with a concurrency and a daily cost limit, both far away, bound to an account that gets 22 prepared chunks. */
  readonly bench: string;
  /** The same, bound to an account that does as the prompt says. */
  readonly obedient: string;
}

/** Two accounts at the simulated upstream and a key for each, written as the admin API writes them. */
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
  const add = async (id: string, credential: string): Promise<string> => {
    const sealed = sealCredential(id, { kind: "api-key", secret: credential }, env);
    const account = { name: id, kind: "anthropic", createdAt: Date.now(), baseUrl: upstream, credential: sealed };
    await putPool(accountFields(id, account), env);
    const secret = buildSecret();
    const hash = hashSecret(secret);
    const limits = { concurrency: 100_000, dailyCostNanos: 1e15, bindings: { claude: id } };
    const key = { id: idOfHash(hash), hash, prefix: secret.slice(0, 10), name: id, createdAt: Date.now(), ...limits };
    await putKey(key, key, env);
    return secret;
  };
  return { bench: await add("bench", "sk-ant-sim-bench"), obedient: await add("obedient", "sk-ant-sim") };
}
