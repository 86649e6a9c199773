import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { undiciDispatch } from "../functions/runtimes/http-client/undici.ts";
import { parseConfig, type Environment } from "../functions/config.ts";
import type { Endpoint, Env } from "../functions/env.ts";
import type { LogFields } from "../functions/log.ts";
import type { Account, Credential } from "../functions/core/accounts/account.ts";
import { sealCredential } from "../functions/core/accounts/credential.ts";
import { type ApiKey, putKey } from "../functions/core/keys/key.ts";
import { buildSecret, hashSecret, idOfHash } from "../functions/core/keys/secret.ts";
import { accountFields, putPool } from "../functions/core/accounts/pool.ts";
import type { UsageEvent } from "../functions/core/money/usage.ts";
import { openStore } from "../functions/stores/index.ts";
import type { Store } from "../functions/stores/store.ts";
import { isPourable, type Answer, type Request } from "../functions/wire/exchange.ts";
import { testEnvironment } from "./environment.ts";

export interface Rig {
  readonly env: Env;
  /** Moves the clock. */
  pass(milliseconds: number): void;
  readonly logged: { level: string; event: string; fields: LogFields | undefined }[];
  /** Waits for all work handed to `env.after`. */
  settled(): Promise<void>;
  addAccount(change?: Partial<Account>, credential?: Credential): Promise<Account>;
  addKey(change?: Partial<ApiKey>): Promise<{ key: ApiKey; secret: string }>;
  events(): Promise<UsageEvent[]>;
  stop(): Promise<void>;
}

export interface RigOptions {
  readonly environment?: Environment;
  readonly store?: Store;
  readonly startAt?: number;
}

/** An Env over a real store and a real HTTP client, with a clock that can be moved. */
export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const directory = mkdtempSync(join(tmpdir(), "relay-rig-"));
  const origin = Date.now();
  let aheadMs = options.startAt === undefined ? 0 : options.startAt - origin;
  const now = () => Date.now() + aheadMs;
  const store = options.store ?? (await openStore({ prefix: "relay:", dataDir: directory }, now));
  const { dispatch, close } = undiciDispatch();
  const logged: Rig["logged"] = [];
  const work = new Set<Promise<unknown>>();
  const env: Env = {
    store,
    dispatch,
    now,
    log: (level, event, fields) => void logged.push({ level, event, fields }),
    config: parseConfig({ ...testEnvironment, ...options.environment }),
    after(promise) {
      const tracked = promise.catch(
        (error: unknown) => void logged.push({ level: "error", event: "after", fields: { error } }),
      );
      work.add(tracked);
      void tracked.finally(() => work.delete(tracked));
    },
    isDraining: () => false,
  };
  const settled = async () => {
    while (work.size > 0) await Promise.all(work);
  };
  return {
    env,
    pass: (milliseconds) => void (aheadMs += milliseconds),
    logged,
    settled,
    addAccount: (change = {}, credential = { kind: "api-key", secret: "sk-sim" }) =>
      addAccount(env, change, credential),
    addKey: (change = {}) => addKey(env, change),
    async events() {
      await settled();
      return (await store.readLog("usage", "0", 10_000)).map(({ entry }) => JSON.parse(entry) as UsageEvent);
    },
    async stop() {
      await settled();
      await close();
      if (!options.store) await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

let accounts = 0;

export async function addAccount(env: Env, change: Partial<Account>, credential: Credential): Promise<Account> {
  accounts += 1;
  const id = change.id ?? `account-${accounts}`;
  const account = {
    name: id,
    kind: "anthropic",
    createdAt: env.now(),
    credential: sealCredential(id, credential, env),
    ...change,
  };
  await putPool(accountFields(id, account), env);
  return { ...account, id } as Account;
}

export async function addKey(env: Env, change: Partial<ApiKey>): Promise<{ key: ApiKey; secret: string }> {
  const secret = buildSecret(env);
  const hash = hashSecret(secret);
  const key = { id: idOfHash(hash), hash, prefix: secret.slice(0, 10), name: "test", createdAt: env.now(), ...change };
  await putKey(key, key, env);
  return { key: key as ApiKey, secret };
}

export interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly ip?: string;
}

let requests = 0;

/** A request as an adapter would build it. */
export function buildRequest(ask: Ask): Request {
  requests += 1;
  const bytes = Buffer.isBuffer(ask.body)
    ? ask.body
    : Buffer.from(ask.body === undefined ? "" : JSON.stringify(ask.body));
  return {
    id: `request-${requests}`,
    method: ask.method ?? "POST",
    path: ask.path ?? "/api/v1/messages",
    query: ask.query ?? "",
    params: {},
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01", ...ask.headers },
    ip: ask.ip ?? "203.0.113.7",
    signal: ask.signal ?? new AbortController().signal,
    body: () => Promise.resolve(bytes),
  };
}

/** Calls an endpoint and reads its whole answer. `error` is what a body threw, upon which a machine cuts the connection. */
export async function call(
  handle: Endpoint,
  ask: Ask,
  env: Env,
): Promise<{ answer: Answer; text: string; error: unknown }> {
  const answer = await handle(buildRequest(ask), env);
  const parts: Uint8Array[] = [];
  const error = await readAnswer(answer, (chunk) => void parts.push(chunk)).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { answer, text: Buffer.concat(parts).toString("utf8"), error };
}

/** Hands each chunk of an answer to `see`, as a machine would write it. */
export async function readAnswer({ body }: Answer, see: (chunk: Uint8Array) => void): Promise<void> {
  if (!isPourable(body)) return see(Buffer.from(body));
  await body.pour({
    write: (chunk) => {
      see(chunk);
      return true;
    },
    onDrain: () => undefined,
    end: () => undefined,
  });
}
