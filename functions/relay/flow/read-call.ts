import { setImmediate } from "node:timers/promises";
import type { ApiKey } from "../../core/keys/key.ts";
import { refuseSpent } from "../../core/limits/spent.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import type { Place } from "../../core/process/load.ts";
import type { Env } from "../../env.ts";
import { decodeBody } from "../../wire/decode.ts";
import type { Request } from "../../wire/exchange.ts";
import { readAsks } from "../dialects/asks.ts";
import type { Call, Dialect } from "../dialects/dialect.ts";
import { renameForKey } from "../upstreams/rewrite.ts";
import { openIds } from "../upstreams/sealed-ids.ts";

/** From here on a look at the key's meters costs less than to read the body in vain, and others get their turn between passes. */
const largeBytes = 1024 * 1024;
const nothing = Buffer.alloc(0);

export interface Reading {
  readonly request: Request;
  readonly dialect: Dialect;
  readonly key: ApiKey;
  readonly pool: Pool;
  /** Where the body's bytes are counted. */
  readonly place: Place;
  readonly isFree: boolean;
}

/**
 * Reads a request's body, as sent and as text, and what the relay must know of it. Throws `request.*`, `process.busy`, and
 * `limit.*` before a large body of a key that has spent what it may.
 */
export async function readCall({ request, dialect, key, pool, place, isFree }: Reading, env: Env): Promise<Call> {
  if (request.method === "GET") return dialect.read(request, nothing);
  if (!isFree && announcedBytes(request) > largeBytes) await refuseSpent(key, env);
  const limitBytes = env.config.REQUEST_MAX_SIZE_MB * 1024 * 1024;
  const body = await request.body(limitBytes, { room: place });
  const onGrowth = (bytes: number) => place.take(bytes);
  const plain = await decodeBody(body, request.headers["content-encoding"], { limitBytes, onGrowth });
  const read = (bytes: Buffer) => dialect.read(request, bytes);
  const call = read(plain);
  if (plain.length > largeBytes) await setImmediate();
  const asks = readAsks(plain, call.dialect);
  const named = renameForKey({ ...call, body, plain, plainBytes: plain.length, asks }, key.aliases, read);
  return openIds(named, { keyId: key.id, pool }, env);
}

/** A body that comes in chunks does not say. */
function announcedBytes({ headers }: Request): number {
  return headers["transfer-encoding"] === undefined ? Number(headers["content-length"] ?? 0) : Infinity;
}
