import { createHash, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { until } from "../clients/wait.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { Runtime } from "./runtime.ts";

export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined if it is none. */
  readonly body: any;
}

export interface Row {
  readonly outcome: string;
  readonly status: number;
  readonly tokens: number;
  readonly costUsd: number;
  readonly attempts: number;
  readonly operation: string;
  readonly client: string | null;
}

export interface Key {
  readonly id: string;
  readonly secret: string;
}

/** What an operator does, by the admin API of a relay that runs, and what its clients' requests are. */
export interface Office {
  admin(method: string, path: string, body?: unknown): Promise<Told>;
  account(draft: Readonly<Record<string, unknown>>): Promise<string>;
  key(draft?: Readonly<Record<string, unknown>>): Promise<Key>;
  /** What is booked for a key, oldest first, as soon as it is so many calls. */
  booked(key: Key, count: number): Promise<Row[]>;
  deliver(job: string, delivery?: Delivery): Promise<Told>;
}

/** How a call of QStash differs from a good one. */
export interface Delivery {
  readonly signature?: string | undefined;
  readonly url?: string;
  readonly body?: string;
  readonly expiresIn?: number;
}

export async function send(url: string, init?: RequestInit): Promise<Told> {
  const response = await fetch(url, { redirect: "manual", ...init });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text ? JSON.parse(text) : undefined,
  };
}

export const json = { "content-type": "application/json" };

/** Signs in as a script does. */
export async function openOffice(runtime: Runtime): Promise<Office> {
  const { url, admin: credentials } = runtime;
  const signIn = { method: "POST", headers: json, body: JSON.stringify({ ...credentials, bearer: true }) };
  const { status, body, text } = await send(`${url}/admin/session`, signIn);
  if (status !== 201) throw new Error(`No session: ${status} ${text}\n${runtime.log()}`);
  const headers = { ...json, authorization: `Bearer ${(body as { token: string }).token}` };
  const admin: Office["admin"] = (method, path, given) =>
    send(url + path, { method, headers, ...(given === undefined ? {} : { body: JSON.stringify(given) }) });
  const create = async (path: string, draft: object) => {
    const told = await admin("POST", path, draft);
    if (told.status !== 201) throw new Error(`POST ${path}: ${told.status} ${told.text}`);
    return told.body as { id: string; secret: string };
  };
  return {
    admin,
    account: async (draft) => (await create("/admin/accounts", draft)).id,
    key: (draft = {}) => create("/admin/keys", { name: "e2e", ...draft }),
    async booked({ id }, count) {
      const look = async () => (await admin("GET", `/admin/usage/requests?key=${id}`)).body.items as Row[];
      return (await until(look, ({ length }) => length >= count, 20_000)).reverse();
    },
    async deliver(job, { body = "{}", ...delivery } = {}) {
      const signature = "signature" in delivery ? delivery.signature : await sign(runtime, job, delivery);
      const signed = { ...json, ...(signature === undefined ? {} : { "upstash-signature": signature }) };
      return send(`${url}/cron/${job}`, { method: "POST", headers: signed, body });
    },
  };
}

/** As QStash signs a call with the body `{}`: https://upstash.com/docs/qstash/howto/signature */
export function sign(
  { publicUrl, signingKey }: Runtime,
  job: string,
  { url = `${publicUrl}/cron/${job}`, expiresIn = 300 }: Delivery = {},
): Promise<string> {
  const seconds = Math.floor(Date.now() / 1000);
  return new SignJWT({ body: createHash("sha256").update("{}").digest("base64url") })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer("Upstash")
    .setSubject(url)
    .setIssuedAt(seconds)
    .setNotBefore(seconds)
    .setExpirationTime(seconds + expiresIn)
    .setJti(randomUUID())
    .sign(Buffer.from(signingKey));
}

/** What an account at the simulated provider is good for; a key that is bound to its group meets what the name says. */
export type Groups = Record<"calm" | "overloaded" | "free", string>;

export async function openAccounts(office: Office, upstream: Upstream): Promise<Groups> {
  const at = (name: string, secret: string, more: object = {}) =>
    office.account({
      ...{ name, kind: "anthropic", baseUrl: upstream.url, credential: { kind: "api-key", secret } },
      ...more,
    });
  const group = async (name: string, accounts: readonly string[]) => {
    const told = await office.admin("POST", "/admin/groups", { name, accounts });
    return `group:${(told.body as { id: string }).id}`;
  };
  await at("openai", "sk-sim-ok.openai", { kind: "openai" });
  await at("gemini", "sk-sim-ok.gemini", { kind: "gemini" });
  const overloaded = await at("overloaded", "sk-sim-529.first", { priority: 1 });
  return {
    calm: await group("calm", [await at("calm", "sk-sim-in=1200+out=34.calm")]),
    overloaded: await group("overloaded", [overloaded, await at("its stand-in", "sk-sim-ok.second", { priority: 2 })]),
    free: await group("free", [await at("free", "sk-sim.free")]),
  };
}
