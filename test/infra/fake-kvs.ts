import { randomBytes } from "node:crypto";

interface Asked {
  readonly method: string;
  /** Decoded, with the store's ARN in it. */
  readonly path: string;
  readonly ifMatch: string | undefined;
  readonly body: Buffer;
}

interface Told {
  readonly status: number;
  readonly etag?: string;
  readonly body: object;
  readonly error?: string;
}

export interface FakeKvs {
  /** What the stores hold, all together, by key. */
  readonly values: ReadonlyMap<string, string>;
  /** How often a write came with an ETag that was old by then, and how often a caller was too quick. */
  readonly refused: { stale: number; throttled: number };
  ask(asked: Asked): Told;
}

/** CloudFront developer guide, "Quotas on key value stores", and the UpdateKeys reference. */
const mostValueBytes = 1_024;
const mostKeyBytes = 512;
const mostUpdates = 50;
const mostBytes = 5 * 1024 * 1024;
/** AWS throttles per account and tells no figure; every fifth request is refused, whoever sends it. */
const everyThrottled = 5;

/**
 * The data plane of CloudFront's KeyValueStore (service model 2022-07-26): each write must name the ETag of what it changes
 * and makes a new one, values and updates are limited, and callers are throttled.
 */
export function buildFakeKvs(): FakeKvs {
  const values = new Map<string, string>();
  const refused = { stale: 0, throttled: 0 };
  let etag = randomBytes(8).toString("hex");
  let requests = 0;
  const size = () => [...values].reduce((sum, [key, value]) => sum + Buffer.byteLength(key + value), 0);
  const sizes = () => ({ ItemCount: values.size, TotalSizeInBytes: size() });
  const fail = (status: number, error: string, Message: string): Told => ({ status, error, body: { Message } });

  const write = (ifMatch: string | undefined, puts: readonly [string, string][], deletes: readonly string[]): Told => {
    if (ifMatch !== etag) {
      refused.stale += 1;
      return fail(409, "ConflictException", "Pre-Condition failed");
    }
    if (puts.length + deletes.length > mostUpdates) return fail(400, "ValidationException", "too many keys");
    for (const [key, value] of puts) {
      if (Buffer.byteLength(key) > mostKeyBytes || Buffer.byteLength(value) > mostValueBytes)
        return fail(400, "ValidationException", `the key or value of ${key} is too long`);
    }
    for (const [key, value] of puts) values.set(key, value);
    for (const key of deletes) values.delete(key);
    if (size() > mostBytes) return fail(402, "ServiceQuotaExceededException", "the store is full");
    etag = randomBytes(8).toString("hex");
    return { status: 200, etag, body: sizes() };
  };

  const ask = ({ method, path, ifMatch, body }: Asked): Told => {
    requests += 1;
    if (requests % everyThrottled === 0) {
      refused.throttled += 1;
      return fail(429, "ThrottlingException", "Rate exceeded");
    }
    const [, arn = "", key] =
      /^\/key-value-stores\/(arn:.*?key-value-store\/[^/]+)(?:\/keys\/?(.*))?$/.exec(path) ?? [];
    if (arn === "") return fail(400, "ValidationException", `no such path: ${path}`);
    const given = (body.length > 0 ? JSON.parse(body.toString()) : {}) as {
      Value?: string;
      Puts?: { Key: string; Value: string }[];
      Deletes?: { Key: string }[];
    };
    if (key === undefined) return { status: 200, etag, body: { KvsARN: arn, Created: 0, ...sizes() } };
    if (method === "POST") {
      const puts = (given.Puts ?? []).map(({ Key, Value }): [string, string] => [Key, Value]);
      return write(
        ifMatch,
        puts,
        (given.Deletes ?? []).map(({ Key }) => Key),
      );
    }
    if (method === "PUT") return write(ifMatch, [[key, given.Value ?? ""]], []);
    if (method === "DELETE") return write(ifMatch, [], [key]);
    if (key === "") {
      const items = [...values].map(([Key, Value]) => ({ Key, Value }));
      return { status: 200, body: { Items: items } };
    }
    const value = values.get(key);
    if (value === undefined) return fail(404, "ResourceNotFoundException", "Key not found");
    return { status: 200, body: { Key: key, Value: value, ...sizes() } };
  };
  return { values, refused, ask };
}
