import { setTimeout as pause } from "node:timers/promises";
import { ConfigError, storeKind, type Config } from "../../config.ts";
import type { Env } from "../../env.ts";

/**
 * Asks the store once, when the process has started: one command, which /health then need not spend. True if it answered.
 * What only another setting can mend throws ConfigError; of anything else a line is logged, and the relay goes on trying.
 */
export async function lookAtStore(env: Env): Promise<boolean> {
  let said = await ask(env);
  // Why a connection could not be made is known a moment after it was; asking again so soon sends nothing.
  for (let more = 5; said === "Connection is closed." && more > 0; more -= 1) {
    await pause(10);
    said = await ask(env);
  }
  if (said === undefined) return true;
  const problem = findProblem(said, env.config);
  if (problem !== undefined) throw new ConfigError([problem]);
  env.log("error", "store unavailable", { told: explain(said, env.config) });
  return false;
}

/** What is wrong with a store that said this, and what to do. */
export const explainStore = (error: unknown, config: Config): string => {
  const said = reasonOf(error);
  return findProblem(said, config) ?? explain(said, config);
};

/** What the store said if it refused. */
function ask(env: Env): Promise<string | undefined> {
  return env.store.ping().then(() => undefined, reasonOf);
}

/** The innermost words: the outer ones are for clients. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message || error.name : reasonOf(error.cause);
}

/** Settings in which Redis or Upstash has said what is wrong. */
function findProblem(said: string, config: Config): string | undefined {
  const { host, secret, from } = namesOf(config);
  if (/WRONGPASS|NOAUTH|unauthorized|invalid (username-password|password)/i.test(said))
    return `${secret} is refused by the store (${said}); ${from}`;
  if (/ENOTFOUND/.test(said)) return `${host} names a server that does not exist (${said}); ${from}`;
  return undefined;
}

function explain(said: string, config: Config): string {
  const { host, port } = namesOf(config);
  const quota = /max (daily )?requests? limit exceeded/i.test(said);
  if (quota) return `The store's plan is spent (${said}): take a larger plan, or another database. See docs/guide.md.`;
  if (/certificate|altname|unable to (get|verify)/i.test(said)) {
    return `The store's certificate is not trusted (${said}): name the file of its authority in NODE_EXTRA_CA_CERTS, and the server in ${host} by the name in the certificate. The relay goes on trying.`;
  }
  const tls = port === "" ? "" : `, ${port} and REDIS_ENABLE_TLS (true for Upstash, false for a Redis without TLS)`;
  return `The store cannot be reached (${said}): check ${host}${tls}. The relay goes on trying; /health says 503 until then.`;
}

function namesOf(config: Config) {
  const kind = storeKind(config);
  const from = kind === "upstash" || config.REDIS_HOST?.endsWith(".upstash.io");
  const remedy = from ? "copy it from the database page of the Upstash console" : "look it up where Redis runs";
  if (kind === "upstash")
    return { host: "UPSTASH_REDIS_REST_URL", port: "", secret: "UPSTASH_REDIS_REST_TOKEN", from: remedy };
  // REDIS_HOST wins over REDIS_URL.
  if (config.REDIS_HOST) return { host: "REDIS_HOST", port: "REDIS_PORT", secret: "REDIS_PASSWORD", from: remedy };
  return { host: "REDIS_URL", port: "", secret: "REDIS_URL", from: remedy };
}
