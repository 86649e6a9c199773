import { Secret, TOTP } from "otpauth";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rotate } from "../../../scripts/rotate-key.ts";
import { testEnvironment } from "../../../test/environment.ts";
import { startRig, type Rig } from "../../../test/rig.ts";
import { runCleanup } from "./cleanup.ts";
import type { Account, Credential } from "../../core/accounts/account.ts";
import { openCredential, openProxy, renewCredential, sealProxy } from "../../core/accounts/credential.ts";
import { accountFields, putPool, readPool } from "../../core/accounts/pool.ts";
import { rotateKeys } from "./rotation.ts";
import { seal, unseal } from "../../core/accounts/seal.ts";
import { confirmSecondFactor, draftSecondFactor, readSecondFactor } from "../../core/people/second-factor.ts";

const old = "o".repeat(32);
const fresh = "n".repeat(32);
const oauth = (accessToken: string): Credential => ({ kind: "oauth", accessToken, refreshToken: "r", expiresAt: 1 });

let before: Rig;
/** The relay with both keys, and the one that no longer knows the old. */
let during: Rig;
let after: Rig;
let accounts: Account[];

beforeEach(async () => {
  before = await startRig({ environment: { ENCRYPTION_KEY: old } });
  const { store } = before.env;
  during = await startRig({ store, environment: { ENCRYPTION_KEY: fresh, ENCRYPTION_KEY_PREVIOUS: old } });
  after = await startRig({ store, environment: { ENCRYPTION_KEY: fresh } });
  accounts = [];
  for (const name of ["a", "b", "c"]) {
    const proxy = sealProxy(name, `http://me:${name}@proxy.example:1`, before.env);
    accounts.push(await before.addAccount({ id: name, proxy }, oauth(`token ${name}`)));
  }
});
afterEach(async () => {
  await Promise.all([during.stop(), after.stop()]);
  await before.stop();
});

const opened = async (rig: Rig) => {
  const { accounts: all } = await readPool(rig.env);
  return all.map((account) => [openCredential(account, rig.env), openProxy(account, rig.env)]);
};

describe("a rotation of ENCRYPTION_KEY", () => {
  test("seals credentials, proxies and the second factor anew, so that the old key is needed no more", async () => {
    const { secret } = await draftSecondFactor("admin", before.env);
    await confirmSecondFactor(new TOTP({ secret: Secret.fromBase32(secret) }).generate(), before.env);
    const hook = "setting/alert/hook";
    await putPool({ [hook]: seal("https://hook.example/secret", hook, before.env.config) }, before.env);
    const wanted = await opened(before);
    expect(await opened(during)).toEqual(wanted);
    expect(await rotateKeys(during.env)).toEqual({ resealed: 8, current: 0, unreadable: [] });
    expect(await opened(after)).toEqual(wanted);
    expect((await readSecondFactor(after.env))?.secret).toBe(secret);
    const [value = ""] = await after.env.store.find("pool", [hook]);
    expect(unseal(JSON.parse(value) as string, hook, after.env.config)).toBe("https://hook.example/secret");
    expect(await rotateKeys(during.env)).toEqual({ resealed: 0, current: 8, unreadable: [] });
  });

  test("that breaks off leaves everything readable by both, and the next run goes on where it stopped", async () => {
    const store = new Proxy(during.env.store, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (name !== "write") return typeof value === "function" ? (value as () => unknown).bind(target) : value;
        return (...args: Parameters<typeof target.write>) =>
          args[0] === "lease/refresh/b" ? Promise.reject(new Error("killed")) : target.write(...args);
      },
    });
    await expect(rotateKeys({ ...during.env, store })).rejects.toThrow("killed");
    const wanted = await opened(during);
    const { resealed, current } = await rotateKeys(during.env);
    expect([resealed > 0, current > 0, resealed + current]).toEqual([true, true, 6]);
    expect(await opened(after)).toEqual(wanted);
  });

  test("does not put a token back that was renewed meanwhile", async () => {
    const [account] = accounts;
    if (!account) throw new Error("no account");
    const stale = await during.env.store.list("pool");
    await renewCredential(account, () => Promise.resolve(oauth("renewed")), during.env);
    // The rotation saw the pool before the renewal.
    const store = new Proxy(during.env.store, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (name === "list") return () => Promise.resolve(stale);
        return typeof value === "function" ? (value as () => unknown).bind(target) : value;
      },
    });
    await rotateKeys({ ...during.env, store });
    const { accountById } = await readPool(after.env);
    expect(openCredential(accountById.get(account.id) ?? account, after.env)).toEqual(oauth("renewed"));
  });

  test("names what neither key opens, and leaves it alone", async () => {
    const foreign = accounts[1]?.credential;
    await putPool(accountFields("a", { credential: foreign }), before.env);
    const { resealed, unreadable } = await rotateKeys(during.env);
    expect([resealed, unreadable]).toEqual([5, ["account/a/credential"]]);
    expect((await readPool(before.env)).accountById.get("a")?.credential).toBe(foreign);
    expect(during.logged.at(-1)).toMatchObject({ event: "keys rotated", fields: { resealed: 5 } });
  });

  test("comes by itself with the cleanup while the previous key is set, and costs nothing else", async () => {
    expect(await runCleanup(during.env)).toMatchObject({ keys: { resealed: 6 } });
    expect(await runCleanup(after.env)).toEqual({ cooldowns: 0 });
  });

  test("by the command says what is missing", async () => {
    const environment = { ...testEnvironment, REDIS_HOST: "127.0.0.1" };
    await expect(rotate(environment, () => undefined)).rejects.toMatchObject({
      problems: [expect.stringContaining("ENCRYPTION_KEY_PREVIOUS is missing")],
    });
  });
});
