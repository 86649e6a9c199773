import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Operation } from "../../functions/admin/http/operation.ts";
import { keysVersionField } from "../../functions/core/keys/key.ts";
import { parseConfig } from "../../functions/config.ts";
import type { Env } from "../../functions/env.ts";
import { match } from "../../functions/routes.ts";
import { openStore } from "../../functions/stores/index.ts";
import type { Store } from "../../functions/stores/store.ts";
import type { Dispatch } from "../../functions/wire/dispatch.ts";
import type { Answer, Request } from "../../functions/wire/exchange.ts";

/** One call of a store's method, as it was made. */
export interface StoreCall {
  readonly method: string;
  readonly args: readonly unknown[];
}

export interface Asking {
  readonly body?: unknown;
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly ip?: string;
  /** Raw bytes instead of `body`. */
  readonly bytes?: string;
}

export interface Told {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly cookies: readonly string[];
  readonly text: string;
  /** The body as JSON; undefined if it is empty. */
  readonly body: any;
}

/** An admin's desk: the endpoints as routes.ts has them, on an embedded store that records what is asked of it. */
export interface Desk {
  readonly env: Env;
  readonly store: Store;
  /** What was asked of the store, oldest first; emptied by `calls.length = 0`. */
  readonly calls: StoreCall[];
  readonly logs: { level: string; event: string; fields: unknown }[];
  /** Time goes by, for the store too. */
  pass(ms: number): void;
  ask(method: string, path: string, asking?: Asking): Promise<Told>;
  /** Asks with the bearer of a session that was signed in once. */
  admin(method: string, path: string, asking?: Asking): Promise<Told>;
  /** Another instance on the same store: its own caches, the same state. */
  other(environment?: Record<string, string>): Omit<Desk, "stop">;
  stop(): Promise<void>;
}

export const environment = {
  JWT_SECRET: "test-secret-test-secret-test-secret-1234",
  ENCRYPTION_KEY: "0123456789abcdef0123456789abcdef",
  ADMIN_USERNAME: "admin",
  ADMIN_PASSWORD: "correct horse battery",
};

export const noUpstream: Dispatch = () => Promise.reject(new Error("This test has no upstream."));

/** The endpoints that routes.ts routes to, loaded as the adapters load them. */
export async function loadEndpoint(name: string): Promise<{
  readonly operations: readonly Operation[];
  readonly handle: (request: Request, env: Env) => Promise<Answer>;
}> {
  return import(`../../functions/endpoints/admin/${name.slice("admin/".length)}.ts`);
}

export async function openDesk(dispatch: Dispatch = noUpstream, extra: Record<string, string> = {}): Promise<Desk> {
  const directory = mkdtempSync(join(tmpdir(), "relay-admin-"));
  const clock = { aheadMs: 0 };
  const now = () => Date.now() + clock.aheadMs;
  const opened = await openStore({ prefix: "relay:", dataDir: directory }, now);
  const build = (more: Record<string, string>): Omit<Desk, "stop"> => {
    const calls: StoreCall[] = [];
    const logs: Desk["logs"] = [];
    const env: Env = {
      store: record(opened, calls),
      dispatch,
      now,
      log: (level, event, fields) => void logs.push({ level, event, fields }),
      config: parseConfig({ ...environment, ...more }),
      after: (work) =>
        void work.catch((error: unknown) => logs.push({ level: "error", event: "after", fields: { error } })),
      isDraining: () => false,
    };
    let bearer: Promise<string> | undefined;
    const ask: Desk["ask"] = (method, path, asking = {}) => send(env, method, path, asking);
    const admin: Desk["admin"] = async (method, path, asking = {}) => {
      bearer ??= signIn(ask, env);
      return ask(method, path, { ...asking, headers: { authorization: `Bearer ${await bearer}`, ...asking.headers } });
    };
    return {
      ...{ env, store: opened, calls, logs, ask, admin },
      pass: (ms) => void (clock.aheadMs += ms),
      other: (changed = {}) => build({ ...more, ...changed }),
    };
  };
  return {
    ...build(extra),
    async stop() {
      await opened.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function signIn(ask: Desk["ask"], env: Env): Promise<string> {
  const { ADMIN_USERNAME: username, ADMIN_PASSWORD: password } = env.config;
  const told = await ask("POST", "/admin/session", { body: { username, password, bearer: true } });
  if (told.status !== 201) throw new Error(`The desk could not sign in: ${told.text}`);
  return told.body.token as string;
}

let counter = 0;

async function send(env: Env, method: string, path: string, asking: Asking): Promise<Told> {
  // As the runtimes route it: HEAD is what GET would answer.
  const { found } = match(method === "HEAD" ? "GET" : method, path);
  if (!found?.route.endpoint.startsWith("admin/"))
    throw new Error(`routes.ts routes ${method} ${path} to no admin endpoint.`);
  const { handle, operations } = await loadEndpoint(found.route.endpoint);
  const bytes = Buffer.from(asking.bytes ?? (asking.body === undefined ? "" : JSON.stringify(asking.body)));
  const request: Request = {
    id: `test-${(counter += 1)}`,
    method,
    path,
    query: asking.query ?? "",
    params: found.params,
    headers: { host: "relay.example", "x-forwarded-proto": "https", ...asking.headers },
    ip: asking.ip ?? "192.0.2.1",
    signal: new AbortController().signal,
    body: () => Promise.resolve(bytes),
  };
  const answer = await handle(request, env);
  const isGzip = answer.headers["content-encoding"] === "gzip";
  const bytesOf = answer.body instanceof Uint8Array ? answer.body : Buffer.alloc(0);
  const text = typeof answer.body === "string" ? answer.body : isGzip ? gunzipSync(bytesOf).toString() : "";
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  if (answer.status < 300) checkAnswer(operations, method === "HEAD" ? "GET" : method, path, body);
  return { status: answer.status, headers: answer.headers, cookies: answer.cookies ?? [], text, body };
}

/** Every answer has what its schema says and nothing else: generated clients rely on it, and no secret slips out undeclared. */
function checkAnswer(operations: readonly Operation[], method: string, path: string, body: unknown): void {
  const fits = (operation: Operation) => new RegExp(`^${operation.path.replace(/:\w+/g, "[^/]+")}$`).test(path);
  const operation = operations.find((one) => one.method === method && fits(one));
  if (operation?.answer) assert.deepStrictEqual(operation.answer.parse(body), body);
  else assert.strictEqual(body, undefined);
}

/** The store with every call of a method noted; a method set on it is this desk's own and leaves the store alone. */
function record(store: Store, calls: StoreCall[]): Store {
  const own = new Map<string | symbol, unknown>();
  return new Proxy(store, {
    set: (_, name, value) => Boolean(own.set(name, value)),
    get(target, name) {
      const value: unknown = own.get(name) ?? Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        calls.push({ method: String(name), args });
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
}

/** Fields of tables that were put or dropped, without the version that every change of keys writes too. */
export function written(calls: readonly StoreCall[]): string[] {
  return calls.flatMap(({ method, args }) => {
    if (method === "put")
      return Object.keys(args[1] as Record<string, string>)
        .filter((field) => field !== keysVersionField)
        .map((field) => `${String(args[0])}:${field}`);
    if (method === "drop") return (args[1] as string[]).map((field) => `-${String(args[0])}:${field}`);
    return [];
  });
}

/** The session cookie of a sign-in, as a browser sends it back. */
export function cookieOf(told: Told): string {
  return told.cookies[0]?.split(";")[0] ?? "";
}
