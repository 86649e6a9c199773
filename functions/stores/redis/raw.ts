import type { RedisAddress } from "./tcp.ts";

/** Any command of a Redis, for what a check-up wants to know of the server itself and no relay needs. */
export interface RawRedis {
  command(name: string, ...words: readonly string[]): Promise<unknown>;
  close(): void;
}

/** Over TCP or TLS. Rejects if it cannot be reached. */
export async function openRawTcp({ host, port, username, password, db, tls }: RedisAddress): Promise<RawRedis> {
  const { Redis } = await import("ioredis");
  const client = new Redis({
    ...{ host, port, db: db ?? 0, lazyConnect: true, retryStrategy: () => null },
    ...{ protocol: 2, disableClientInfo: true, enableReadyCheck: false },
    ...(username && { username }),
    ...(password && { password }),
    ...(tls && { tls: { servername: host } }),
  });
  // Every command that fails says so itself.
  client.on("error", () => undefined);
  await client.connect();
  return { command: (name, ...words) => client.call(name, ...words), close: () => client.disconnect() };
}

/** Over Upstash's REST interface ("REST API", a command as a JSON array). */
export function openRawUpstash(url: string, token: string): RawRedis {
  const command = async (...words: readonly string[]) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(words) });
    const { result, error } = (await response.json()) as { result?: unknown; error?: string };
    if (error !== undefined) throw new Error(error);
    return result;
  };
  return { command, close: () => undefined };
}

/** Commands that the server has counted so far, those inside of scripts too; undefined if it does not tell. */
export async function countCommands(redis: RawRedis): Promise<number | undefined> {
  const text = await redis.command("INFO", "commandstats").catch(() => undefined);
  const calls = [...String(text).matchAll(/^cmdstat_(?!info|hello|client|auth|select)[^:]+:calls=(\d+)/gim)];
  return calls.length === 0 ? undefined : calls.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Removes every name that begins so. */
export async function removePrefix(prefix: string, redis: RawRedis): Promise<void> {
  let cursor = "0";
  do {
    const [next, names] = (await redis.command("SCAN", cursor, "MATCH", `${prefix}*`, "COUNT", "1000")) as [
      string,
      string[],
    ];
    if (names.length > 0) await redis.command("DEL", ...names);
    cursor = String(next);
  } while (cursor !== "0");
}
