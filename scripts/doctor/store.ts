import { storeKind, type Config } from "../../functions/config.ts";
import { openCredential } from "../../functions/core/accounts/credential.ts";
import { readPool } from "../../functions/core/accounts/pool.ts";
import { buildMachine, openConfiguredStore } from "../../functions/runtimes/machine.ts";
import { explainStore } from "../../functions/runtimes/node/check-store.ts";
import { openRawTcp, openRawUpstash, type RawRedis } from "../../functions/stores/redis/raw.ts";
import { readRedisUrl } from "../../functions/stores/redis/tcp.ts";
import type { Store } from "../../functions/stores/store.ts";
import { isPrivateHost } from "./address.ts";
import { bad, ok, reasonOf, warn, type Finding } from "./finding.ts";

const slowMs = 60;

/** Opens the store as the relay does, asks it, and looks whether what is in it can be opened with the key that is set. */
export async function checkStore(config: Config): Promise<Finding[]> {
  let store: Store | undefined;
  try {
    store = await openConfiguredStore(config, Date.now);
    const findings = [await checkAnswer(store, config), ...checkWire(config), ...(await checkPolicy(config))];
    return [...findings, ...(await checkSealed(store, config))];
  } catch (error) {
    const wire = describeWire(config);
    // SQLite's word for a file that another process works on: the relay itself, whose /health tells how it is.
    if (storeKind(config) === "embedded" && /database is locked/.test(reasonOf(error)))
      return [ok("store", `${wire} is in use by the relay that runs`)];
    return [bad("store", `${wire} does not serve: ${explainStore(error, config)}`, remedyFor(reasonOf(error), config))];
  } finally {
    await store?.close().catch(() => undefined);
  }
}

/** The least of a few, so that one slow answer is not the store's distance. */
async function checkAnswer(store: Store, config: Config): Promise<Finding> {
  const times: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    const startedAt = performance.now();
    await store.ping();
    // The first one also connects.
    if (round > 0) times.push(performance.now() - startedAt);
  }
  const name = `doctor/${process.pid}`;
  if (!(await store.write(name, "written", { ttlSeconds: 60 }))) throw new Error("a value could not be written");
  const least = Math.min(...times);
  const says = `${describeWire(config)} answers in ${least.toFixed(least < 10 ? 1 : 0)} ms`;
  if (least <= slowMs) return ok("store", says);
  return warn("store", `${says}, and each message waits for it`, "put the database into the region of the relay");
}

function addressOf(config: Config) {
  if (config.REDIS_HOST) {
    const { REDIS_HOST: host, REDIS_PORT: port, REDIS_PASSWORD: password, REDIS_DB: db } = config;
    return { host, port, password, db, tls: config.REDIS_ENABLE_TLS };
  }
  return readRedisUrl(config.REDIS_URL ?? "");
}

function describeWire(config: Config): string {
  const kind = storeKind(config);
  if (kind === "embedded") return `the file in ${config.DATA_DIR}`;
  if (kind === "upstash") return `Upstash over REST (${config.UPSTASH_REDIS_REST_URL})`;
  const { host, port, tls } = addressOf(config);
  return `Redis at ${host}:${port}, ${tls ? "over TLS" : "without TLS"}`;
}

/** Keys and sealed credentials go over this wire. */
function checkWire(config: Config): Finding[] {
  const kind = storeKind(config);
  if (kind === "embedded") return [];
  const url = config.UPSTASH_REDIS_REST_URL ?? "";
  const host = kind === "upstash" ? new URL(url).hostname : addressOf(config).host;
  const isSealed = kind === "upstash" ? url.startsWith("https:") : addressOf(config).tls === true;
  if (isSealed || isPrivateHost(host)) return [];
  const remedy = kind === "upstash" ? "begin UPSTASH_REDIS_REST_URL with https://" : "set REDIS_ENABLE_TLS=true";
  return [bad("store", `what goes to ${host} is not encrypted, and it is not in this network`, remedy)];
}

export async function openRaw(config: Config): Promise<RawRedis | undefined> {
  const kind = storeKind(config);
  if (kind === "embedded") return undefined;
  const { UPSTASH_REDIS_REST_URL: url = "", UPSTASH_REDIS_REST_TOKEN: token = "" } = config;
  return kind === "upstash" ? openRawUpstash(url, token) : openRawTcp(addressOf(config));
}

/** A server that throws data away when it is full throws keys and accounts away. One that does not tell is not asked again. */
async function checkPolicy(config: Config): Promise<Finding[]> {
  const redis = await openRaw(config);
  try {
    const told = (await redis?.command("CONFIG", "GET", "maxmemory-policy").catch(() => undefined)) as
      string[] | undefined;
    const policy = Array.isArray(told) ? told[1] : undefined;
    if (policy === undefined || policy === "noeviction") return [];
    const what = `the server throws data away when its memory is full (maxmemory-policy ${policy}): keys and accounts too`;
    return [bad("store", what, "CONFIG SET maxmemory-policy noeviction; on Upstash switch Eviction off")];
  } finally {
    redis?.close();
  }
}

/** Accounts that another ENCRYPTION_KEY has sealed cannot serve, and each call on them fails. */
async function checkSealed(store: Store, config: Config): Promise<Finding[]> {
  const dispatch = () => Promise.reject(new Error("A check-up asks no provider."));
  const parts = { config, store, dispatch, now: Date.now, write: () => undefined, isDraining: () => false };
  const { env } = buildMachine(parts);
  const { accounts } = await readPool(env);
  const closed = accounts.filter((account) => {
    try {
      openCredential(account, env);
      return false;
    } catch {
      // It says only that the key does not fit, which is the finding.
      return true;
    }
  });
  const count = `${accounts.length} account${accounts.length === 1 ? "" : "s"}`;
  if (closed.length === 0) return [ok("key", `ENCRYPTION_KEY opens what is stored (${count})`)];
  const names = closed.slice(0, 3).map(({ name }) => `"${name}"`);
  return [
    bad(
      "key",
      `ENCRYPTION_KEY does not open ${closed.length} of ${count}: ${names.join(", ")}`,
      "set the key that they were linked with, here or as ENCRYPTION_KEY_PREVIOUS; else link them anew",
    ),
  ];
}

function remedyFor(said: string, config: Config): string {
  if (/self[- ]signed|unable to (verify|get)|UNABLE_TO|altname|certificate/i.test(said))
    return "its certificate is not trusted: name the authority's file in NODE_EXTRA_CA_CERTS, and the server by the name in it";
  if (/wrong version number|packet length|SSL routines|EPROTO/i.test(said))
    return "it speaks no TLS there: REDIS_ENABLE_TLS=false";
  if (/max (daily )?requests? limit/i.test(said)) return "take a larger plan, or another database";
  if (/WRONGPASS|NOAUTH|unauthorized|invalid/i.test(said)) return "copy the password (or token) again";
  if (storeKind(config) === "embedded") return "make DATA_DIR writable for the relay's user";
  return "check that it runs, its address and port, REDIS_ENABLE_TLS, and the firewall in between";
}
