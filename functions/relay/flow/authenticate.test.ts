import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { exportBackup } from "../../operations/backup/export.ts";
import { importBackup } from "../../operations/backup/import.ts";
import { runCleanup } from "../../operations/jobs/cleanup.ts";
import { legacyHash, pepperField } from "../../core/accounts/legacy-key.ts";
import { prepareKeyFilter } from "../../core/accounts/key-filter.ts";
import { putPool, readPool } from "../../core/accounts/pool.ts";
import { seal } from "../../core/accounts/seal.ts";
import { putKey } from "../../core/keys/key.ts";
import { buildSecret, hashSecret, idOfHash } from "../../core/keys/secret.ts";
import type { Env } from "../../env.ts";
import { startRig, type Rig } from "../../../test/rig.ts";
import { findSecret } from "../../wire/headers.ts";
import { identify } from "./authenticate.ts";

const old = "o".repeat(32);
const fresh = "n".repeat(32);

let rig: Rig;
beforeEach(async () => {
  rig = await startRig({ environment: { ENCRYPTION_KEY: old } });
});
afterEach(() => rig.stop());

/** An instance of its own on the rig's store, and what it asks of it. */
function instance(more: Partial<Env["config"]> = {}): { env: Env; calls: string[] } {
  const calls: string[] = [];
  const store = new Proxy(rig.env.store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        calls.push(String(name));
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
  return { env: { ...rig.env, store, config: { ...rig.env.config, ...more } }, calls };
}

const prepare = async (env: Env) => prepareKeyFilter(await readPool(env), env);

/** A key as an older version made it: random throughout, known by its hash. */
async function addOld(secret: string, hash = hashSecret(secret)): Promise<string> {
  const key = { id: idOfHash(hash), hash, prefix: "cr_", name: "old", createdAt: 1 };
  await putKey(key, key, rig.env);
  return secret;
}
const randomSecret = () => `cr_${randomBytes(32).toString("hex")}`;

const outcome = (secret: string, env: Env) =>
  identify(secret, "203.0.113.7", env).then(
    ({ key }) => key.name,
    (error: unknown) => (error as { code: string }).code,
  );

const madeUp: Record<string, () => string> = {
  "of our length": randomSecret,
  "with the random part of a good key": () => buildSecret(rig.env).slice(0, 51) + randomBytes(8).toString("hex"),
  "of another length": () => `cr_${randomBytes(20).toString("hex")}`,
  "of other services": () => `sk-ant-api03-${randomBytes(40).toString("base64url")}`,
  "made by another relay": () => buildSecret({ ...rig.env, config: { ...rig.env.config, ENCRYPTION_KEY: fresh } }),
};

describe("made-up keys", () => {
  test.each(Object.keys(madeUp))("%s: 1,000 cost no command", async (kind) => {
    await prepare(rig.env);
    const { env, calls } = instance();
    const { secret } = await rig.addKey({ name: "good" });
    expect(await outcome(secret, env)).toBe("good");
    calls.length = 0;
    const all = Array.from({ length: 1_000 }, () => madeUp[kind]?.() ?? "");
    expect(new Set(await Promise.all(all.slice(0, 500).map((each) => outcome(each, env))))).toEqual(
      new Set(["key.unknown"]),
    );
    for (const each of all.slice(500)) expect(await outcome(each, env)).toBe("key.unknown");
    expect(calls).toEqual([]);
  });

  test("cost an instance that knows nothing yet one look at the pool, however many come at once", async () => {
    await prepare(rig.env);
    const { env, calls } = instance();
    await Promise.all(Array.from({ length: 1_000 }, () => outcome(randomSecret(), env)));
    expect(calls).toEqual(["find", "list"]);
  });

  test("cost two commands a minute while they keep coming", async () => {
    await prepare(rig.env);
    const { env, calls } = instance();
    for (let second = 0; second < 180; second += 1) {
      await outcome(randomSecret(), env);
      rig.pass(1_000);
    }
    expect(calls).toHaveLength(6);
  });

  test("write nothing, whatever the store has", async () => {
    const { env, calls } = instance();
    for (let index = 0; index < 10; index += 1) await outcome(randomSecret(), env);
    expect(new Set(calls)).toEqual(new Set(["find", "list"]));
  });
});

describe("good keys", () => {
  test("look as they always did, and are good at once on every instance", async () => {
    await prepare(rig.env);
    const { env } = instance();
    await outcome(randomSecret(), env);
    const { secret } = await rig.addKey({ name: "new" });
    expect(secret).toMatch(/^cr_[0-9a-f]{64}$/);
    expect(await outcome(secret, env)).toBe("new");
  });

  test("of older versions and of claude-relay-service stay good", async () => {
    const older = await addOld(randomSecret());
    const pepper = "p".repeat(32);
    const field = pepperField(pepper);
    await putPool({ [field]: seal(pepper, field, rig.env.config) }, rig.env);
    const taken = `cr_${"t".repeat(64)}`;
    await addOld(taken, legacyHash(taken, pepper));
    const before = instance();
    expect([await outcome(older, before.env), await outcome(taken, before.env)]).toEqual(["old", "old"]);
    await runCleanup(rig.env);
    const after = instance();
    expect([await outcome(older, after.env), await outcome(taken, after.env)]).toEqual(["old", "old"]);
    expect(await outcome(randomSecret(), after.env)).toBe("key.unknown");
  });

  test("of before a change of ENCRYPTION_KEY stay good, with the previous key named and after it is gone", async () => {
    await prepare(rig.env);
    const { secret } = await rig.addKey({ name: "first" });
    const during = instance({ ENCRYPTION_KEY: fresh, ENCRYPTION_KEY_PREVIOUS: old });
    expect(await outcome(secret, during.env)).toBe("first");
    await runCleanup(during.env);
    // An instance that still runs with the old key makes one more.
    const { secret: late } = await rig.addKey({ name: "late" });
    expect(await outcome(late, during.env)).toBe("late");
    const after = instance({ ENCRYPTION_KEY: fresh });
    expect(await outcome(secret, after.env)).toBe("first");
    expect(await outcome(randomSecret(), after.env)).toBe("key.unknown");
  });

  test("are good even where nobody named the previous key", async () => {
    await prepare(rig.env);
    const { secret } = await rig.addKey({ name: "first" });
    const changed = instance({ ENCRYPTION_KEY: fresh });
    expect(await outcome(secret, changed.env)).toBe("first");
    await prepare(changed.env);
    expect(await outcome(secret, instance({ ENCRYPTION_KEY: fresh }).env)).toBe("first");
  });

  test("of another relay's backup are good once it is imported", async () => {
    const other = await startRig({ environment: { ENCRYPTION_KEY: fresh } });
    const { secret } = await other.addKey({ name: "moved" });
    const parts: Buffer[] = [];
    const passphrase = "correct horse battery staple";
    for await (const part of exportBackup({ passphrase, sanitised: true }, other.env)) parts.push(part);
    await prepare(rig.env);
    const { env } = instance();
    expect(await outcome(secret, env)).toBe("key.unknown");
    await importBackup(
      async function* () {
        yield* await Promise.resolve(parts);
      },
      passphrase,
      rig.env,
    );
    rig.pass(60_000);
    expect(await outcome(secret, env)).toBe("moved");
    await other.stop();
  });
});

describe("a key with a tail", () => {
  const tail = ".eyJhdWQiOiJjbGF1ZGUtZ2F0ZXdheSJ9.x";

  test.each([
    ["authorization", (key: string) => ({ authorization: `Bearer ${key}` })],
    ["x-api-key", (key: string) => ({ "x-api-key": key })],
  ])("is read up to its first dot in %s", async (_header, show) => {
    const { secret } = await rig.addKey({ name: "gateway" });
    const shown = findSecret(show(secret + tail));
    expect(shown).toBe(secret);
    expect(await outcome(shown ?? "", rig.env)).toBe("gateway");
  });

  test("is read whole elsewhere, and where it is not ours", () => {
    expect(findSecret({ "x-goog-api-key": `cr_a${tail}` })).toBe(`cr_a${tail}`);
    expect(findSecret({}, `cr_a${tail}`)).toBe(`cr_a${tail}`);
    expect(findSecret({ authorization: "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x" })).toBe("eyJhbGciOiJIUzI1NiJ9.e30.x");
  });
});
