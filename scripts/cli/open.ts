import { buildMachine, openConfiguredStore } from "../../functions/runtimes/machine.ts";
import { completeSecrets } from "../../functions/runtimes/node/secrets.ts";
import { ConfigError, parseConfig, type Environment } from "../../functions/config.ts";
import type { Env } from "../../functions/env.ts";
import type { Terminal } from "./command.ts";

/** Works on the store that the environment or `--store` names, and closes it. */
export async function withEnv<T>(
  environment: Environment,
  store: string | undefined,
  work: (env: Env) => Promise<T>,
): Promise<T> {
  const config = parseConfig(completeSecrets(placeStore(environment, store)).environment);
  const opened = await openConfiguredStore(config, Date.now);
  const dispatch = () => Promise.reject(new Error("A move asks no provider."));
  const parts = { config, store: opened, dispatch, now: Date.now, write: () => undefined, isDraining: () => false };
  const { env, settled } = buildMachine(parts);
  try {
    return await work(env);
  } finally {
    await settled();
    await opened.close();
  }
}

/** The environment with another store: a URL of Redis or Upstash, or a directory. */
export function placeStore(environment: Environment, store: string | undefined): Environment {
  if (store === undefined) return environment;
  const bare = {
    ...{ ...environment, UPSTASH_REDIS_REST_URL: "", REDIS_URL: "", REDIS_HOST: "" },
    ...{ REDIS_PASSWORD: "", REDIS_ENABLE_TLS: "" },
  };
  if (/^rediss?:\/\//.test(store)) return { ...bare, UPSTASH_REDIS_REST_TOKEN: "", REDIS_URL: store };
  if (/^https?:\/\//.test(store)) return { ...bare, UPSTASH_REDIS_REST_URL: store };
  return { ...bare, UPSTASH_REDIS_REST_TOKEN: "", DATA_DIR: store.replace(/^file:(\/\/)?/, "") };
}

/** Never from the command line, where every process of the machine can read it. */
export async function readPassphrase(terminal: Terminal, isNew: boolean): Promise<string> {
  const given = terminal.environment["CLAUDE_RELAY_PASSPHRASE"];
  if (given) return given;
  const typed = await terminal.askSecret("Passphrase of the file: ");
  if (!typed) throw new ConfigError(["CLAUDE_RELAY_PASSPHRASE is missing, and nobody was there to be asked."]);
  if (isNew && (await terminal.askSecret("Once more: ")) !== typed)
    throw new ConfigError(["The two passphrases differ; nothing was written."]);
  return typed;
}
