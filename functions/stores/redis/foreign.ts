import { Redis } from "ioredis";
import { Failure } from "../../failure.ts";
import { readRedisUrl } from "./tcp.ts";

/** Another program's Redis, to be read and never written: no verb here sends anything but SCAN, HGETALL, GET and SMEMBERS. */
export interface Foreign {
  /** Names that fit a glob, each once. */
  scan(pattern: string): AsyncGenerator<string>;
  /** All fields of a hash; empty if there is none. */
  hash(name: string): Promise<Record<string, string>>;
  text(name: string): Promise<string | undefined>;
  members(name: string): Promise<string[]>;
  close(): Promise<void>;
}

/** Rejects with a Failure if it cannot be reached. Throws a TypeError if it is no Redis URL. */
export async function openForeign(url: string): Promise<Foreign> {
  const { tls, ...address } = readRedisUrl(url);
  const client = new Redis({
    host: address.host,
    port: address.port,
    db: address.db ?? 0,
    ...(address.username && { username: address.username }),
    ...(address.password && { password: address.password }),
    ...(tls && { tls: { servername: address.host } }),
    lazyConnect: true,
    retryStrategy: () => null,
    protocol: 2,
    disableClientInfo: true,
    enableReadyCheck: false,
  });
  // Every command that fails says so itself.
  client.on("error", () => undefined);
  await client.connect().catch((cause: unknown) => {
    throw new Failure("store.unavailable", { message: "The Redis to read from cannot be reached.", cause });
  });
  return {
    async *scan(pattern) {
      const seen = new Set<string>();
      for (let cursor = "0"; ;) {
        const [next, names] = await client.scan(cursor, "MATCH", pattern, "COUNT", 500);
        for (const name of names) if (!seen.has(name)) yield name;
        // SCAN may tell a name twice.
        for (const name of names) seen.add(name);
        if (next === "0") return;
        cursor = next;
      }
    },
    hash: (name) => client.hgetall(name),
    text: async (name) => (await client.get(name)) ?? undefined,
    members: (name) => client.smembers(name),
    close: () => Promise.resolve(client.disconnect()),
  };
}
