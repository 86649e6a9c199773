import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Desk, environment, openDesk } from "../../../test/admin/desk.ts";
import { prepareKeyFilter } from "../../core/accounts/key-filter.ts";
import { readPool } from "../../core/accounts/pool.ts";
import { findKeyById, keysTable, putKey } from "../../core/keys/key.ts";
import { hashSecret, idOfHash } from "../../core/keys/secret.ts";
import { exportBackup } from "../../operations/backup/export.ts";
import { importBackup } from "../../operations/backup/import.ts";
import type { Env } from "../../env.ts";
import { identify } from "../../relay/flow/authenticate.ts";

const hourMs = 3_600_000;
let desk: Desk;
let id: string;
let first: string;

beforeEach(async () => {
  desk = await openDesk();
  const { body } = await desk.admin("POST", "/admin/keys", { body: { name: "Ada", dailyCostUsd: 5 } });
  ({ id, secret: first } = body);
});
afterEach(() => desk.stop());

const rotate = async (graceHours: number): Promise<string> =>
  (await desk.admin("POST", `/admin/keys/${id}/rotate`, { body: { graceHours } })).body.secret;

/** The id of the key that a secret opens, or the code of its refusal, on an instance that knows nothing yet. */
const opens = (secret: string, env: Env = desk.other().env) =>
  identify(secret, "203.0.113.7", env).then(
    ({ key }) => key.id,
    (error: unknown) => (error as { code: string }).code,
  );

describe("a new secret", () => {
  test("opens the same key, and the replaced one for as long as was chosen", async () => {
    const second = await rotate(12);
    expect(second).toMatch(/^cr_[0-9a-f]{64}$/);
    expect([await opens(first), await opens(second)]).toEqual([id, id]);
    const { body } = await desk.admin("GET", `/admin/keys/${id}`);
    expect(body).toMatchObject({ name: "Ada", dailyCostUsd: 5, prefix: second.slice(0, 10) });
    expect(body.formerSecretUntil).toBeGreaterThan(desk.env.now() + 11 * hourMs);
    expect(body.formerSecretUntil).toBeLessThanOrEqual(desk.env.now() + 12 * hourMs);
    desk.pass(12 * hourMs);
    expect([await opens(first), await opens(second)]).toEqual(["key.expired", id]);
    const refusal = identify(first, "203.0.113.7", desk.other().env);
    await expect(refusal).rejects.toThrow(/"Ada" has a new secret, and this one ended on .*Ask the operator/);
    expect((await desk.admin("GET", `/admin/keys/${id}`)).body.formerSecretUntil).toBeNull();
  });

  test("without grace, and by an early end, shuts the replaced one out at once here, and elsewhere within five seconds", async () => {
    const elsewhere = desk.other().env;
    expect(await opens(first, elsewhere)).toBe(id);
    const second = await rotate(0);
    expect([await opens(first, desk.env), await opens(second, desk.env)]).toEqual(["key.expired", id]);
    desk.pass(5_000);
    expect([await opens(first, elsewhere), await opens(second, elsewhere)]).toEqual(["key.expired", id]);
    const third = await rotate(24);
    expect(await opens(second)).toBe(id);
    const ended = await desk.admin("DELETE", `/admin/keys/${id}/former-secret`);
    expect([ended.status, ended.body.formerSecretUntil]).toEqual([200, null]);
    expect([await opens(second), await opens(third)]).toEqual(["key.expired", id]);
  });

  test("leaves two secrets at most: one that was replaced twice is unknown, also the key's first", async () => {
    const [second, third] = [await rotate(24), await rotate(24)];
    expect(await Promise.all([first, second, third].map((secret) => opens(secret)))).toEqual(["key.unknown", id, id]);
    const fourth = await rotate(1);
    const all = [first, second, third, fourth];
    expect(await Promise.all(all.map((secret) => opens(secret)))).toEqual(["key.unknown", "key.unknown", id, id]);
  });

  test("costs one command more where it is seen first, and none after", async () => {
    const second = await rotate(24);
    const { env, calls } = desk.other();
    await opens(second, env);
    const cold = calls.filter(({ args }) => args[0] === keysTable).length;
    calls.length = 0;
    await opens(second, env);
    desk.pass(4_500);
    await opens(second, env);
    expect([cold, calls.filter(({ args }) => args[0] === keysTable).length]).toEqual([2, 1]);
  });

  test("outlives another ENCRYPTION_KEY, by which its own proof means nothing", async () => {
    const second = await rotate(24);
    const { env } = desk.other({ ENCRYPTION_KEY: "f".repeat(32), JWT_SECRET: environment.JWT_SECRET });
    await prepareKeyFilter(await readPool(env), env);
    expect([await opens(first, env), await opens(second, env)]).toEqual([id, id]);
  });

  test("goes with the key into a backup, where the key is one record, and opens it elsewhere", async () => {
    const second = await rotate(24);
    const parts: Uint8Array[] = [];
    const passphrase = "a passphrase of a backup";
    for await (const part of exportBackup({ passphrase, sanitised: true }, desk.env)) parts.push(part);
    const elsewhere = await openDesk();
    try {
      const file = async function* () {
        yield* await Promise.resolve(parts);
      };
      const { counts } = await importBackup(file, passphrase, elsewhere.env);
      expect(counts.keys.new).toBe(1);
      expect([await opens(first, elsewhere.env), await opens(second, elsewhere.env)]).toEqual([id, id]);
    } finally {
      await elsewhere.stop();
    }
  });

  test("is refused with the key: disabled, deleted, purged; a purge leaves nothing of it", async () => {
    const second = await rotate(24);
    await desk.admin("PATCH", `/admin/keys/${id}`, { body: { isEnabled: false } });
    expect(await opens(second)).toBe("key.disabled");
    await desk.admin("DELETE", `/admin/keys/${id}`);
    expect(await opens(second)).toBe("key.unknown");
    expect((await desk.admin("POST", `/admin/keys/${id}/rotate`, { body: { graceHours: 1 } })).status).toBe(409);
    await desk.admin("POST", `/admin/keys/${id}/purge`);
    const left = Object.keys(await desk.store.list(keysTable));
    expect(left.filter((field) => field.includes("/"))).toEqual([]);
  });

  test("is given to a key of claude-relay-service, too, which is found by another hash", async () => {
    const hash = hashSecret("as that service hashed it");
    const old = { id: idOfHash(hash), hash, prefix: "cr_", name: "old", createdAt: 1 };
    await putKey(old, old, desk.env);
    id = old.id;
    expect(await opens(await rotate(0))).toBe(old.id);
    expect((await findKeyById(old.id, desk.env))?.rotation?.formerHash).toBe(hash);
  });
});
