import { refusalOf, Refused, unreachable } from "./refused.ts";

export interface OwnLimit {
  readonly name: string;
  readonly unit: "calls" | "requests" | "tokens" | "usd";
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  /** ISO 8601; null: it does not begin anew by itself. */
  readonly resetsAt: string | null;
}

export interface OwnFigures {
  readonly requests: number;
  readonly tokens: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly costUsd: number;
}

export interface Own {
  readonly key: {
    readonly id: string;
    readonly name: string;
    readonly prefix: string;
    readonly expiresAt: string | null;
    readonly permissions: readonly string[];
    readonly models: { readonly allowed: readonly string[]; readonly blocked: readonly string[] };
    readonly clients: readonly string[];
  };
  readonly limits: readonly OwnLimit[];
  readonly usage: Readonly<Record<"today" | "week" | "total", OwnFigures>>;
}

/** What a key's holder may know, by the key itself, which is sent to this relay and kept nowhere. Throws Refused. */
export async function readOwn(secret: string): Promise<Own> {
  const [info, usage] = await Promise.all([
    ask<Pick<Own, "key">>("/api/v1/key-info", secret),
    ask<Pick<Own, "usage" | "limits">>("/api/v1/usage", secret),
  ]);
  return { key: info.key, limits: usage.limits, usage: usage.usage };
}

interface Listed {
  readonly data?: readonly { readonly id: string }[];
  readonly models?: readonly { readonly name: string }[];
}

/** What the key may ask for, in each language. A key without a right to one has no such list: that is no failure. */
export async function readModels(secret: string): Promise<readonly string[]> {
  const list = (path: string, headers = {}) => ask<Listed>(path, secret, headers).catch((): Listed => ({}));
  const lists = await Promise.all([
    list("/api/v1/models?limit=1000", { "anthropic-version": "2023-06-01" }),
    list("/openai/v1/models"),
    list("/gemini/v1beta/models?pageSize=1000"),
  ]);
  const names = lists.flatMap(({ data = [], models = [] }) => [
    ...data.map(({ id }) => id),
    ...models.map(({ name }) => name.replace(/^models\//, "")),
  ]);
  return [...new Set(names)].sort();
}

const codes: Readonly<Record<number, string>> = {
  401: "key.unknown",
  403: "key.disabled",
  404: "route.unknown",
  503: "store.unavailable",
};

/** Refusals are worded as the Anthropic API would, so the status tells what it is about. */
async function ask<T>(path: string, secret: string, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(path, {
    headers: { ...headers, authorization: `Bearer ${secret}` },
    credentials: "omit",
  }).catch((error: unknown) => {
    throw unreachable(error);
  });
  const body = (await response.json().catch(() => undefined)) as { error?: { message?: string } } | undefined;
  if (!response.ok)
    throw new Refused(response.status, {
      code: codes[response.status] ?? "internal",
      message: body?.error?.message ?? `HTTP ${response.status}`,
    });
  return body as T;
}

/** Opens a link that hands over a key, which works once. Throws Refused. */
export async function openHandover(token: string): Promise<string> {
  const response = await fetch("/admin/keys/hand-over", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
    credentials: "omit",
  }).catch((error: unknown) => {
    throw unreachable(error);
  });
  const body = (await response.json().catch(() => undefined)) as { secret?: string } | undefined;
  if (!response.ok || typeof body?.secret !== "string") throw refusalOf(response, body);
  return body.secret;
}
