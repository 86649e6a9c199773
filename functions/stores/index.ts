import type { RedisAddress } from "./redis/tcp.ts";
import type { Store } from "./store.ts";

export interface StoreOptions {
  readonly upstashUrl?: string | undefined;
  readonly upstashToken?: string | undefined;
  /** `redis://` or `rediss://`; `redis` wins over it. */
  readonly redisUrl?: string | undefined;
  readonly redis?: RedisAddress | undefined;
  /** Put before every name in Redis, so that another program may share the database. */
  readonly prefix: string;
  /** Directory of the embedded store's file. */
  readonly dataDir: string;
}

/**
 * Upstash if its URL and token are given, Redis over TCP if an address is, else the embedded file. Each is loaded
 * only when it is chosen. Rejects with a Failure if the embedded file cannot be used; a Redis server that is down
 * shows with the first command.
 */
export async function openStore(options: StoreOptions, now: () => number): Promise<Store> {
  const { upstashUrl, upstashToken, redisUrl, prefix } = options;
  if (upstashUrl && upstashToken) {
    const { openUpstash } = await import("./redis/upstash.ts");
    return openUpstash({ url: upstashUrl, token: upstashToken, prefix });
  }
  if (options.redis || redisUrl) {
    const { openTcp, readRedisUrl } = await import("./redis/tcp.ts");
    const address = options.redis ?? readRedisUrl(redisUrl ?? "");
    return openTcp({ address, prefix });
  }
  const { openEmbedded } = await import("./embedded/embedded.ts");
  return openEmbedded({ directory: options.dataDir }, now);
}
