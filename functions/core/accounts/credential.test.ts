import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Desk } from "../../../test/admin/desk.ts";
import { openDesk } from "../../../test/admin/desk.ts";
import { startRig } from "../../../test/rig.ts";
import { Failure } from "../../failure.ts";
import type { Store } from "../../stores/store.ts";
import type { Account, Credential } from "./account.ts";
import {
  credentialColumns,
  openCredential,
  renewalsEnded,
  renewCredential,
  restoreCredentials,
  spillCredentials,
} from "./credential.ts";
import { accountFields, putPool, readPool } from "./pool.ts";

type Oauth = Extract<Credential, { kind: "oauth" }>;
const token = (number: number): Oauth => ({
  kind: "oauth",
  accessToken: `access-${number}`,
  refreshToken: `refresh-${number}`,
});

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
  const columns = { name: "A", kind: "claude", createdAt: 1, ...credentialColumns("acc", token(0), desk.env) };
  await putPool(accountFields("acc", columns), desk.env);
});
afterEach(() => desk.stop());

async function account(env = desk.env): Promise<Account> {
  const found = (await readPool(env)).accountById.get("acc");
  if (!found) throw new Error("The account is not in the store.");
  return found;
}

/** A provider whose refresh tokens work once. */
function provider(pauseMs = 20) {
  const spent: string[] = [];
  return {
    spent,
    async renew(stale: Credential): Promise<Credential> {
      const refreshToken = stale.kind === "oauth" ? (stale.refreshToken ?? "") : "";
      if (spent.includes(refreshToken)) throw new Failure("credential.rejected", { message: "spent twice" });
      spent.push(refreshToken);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      return token(spent.length);
    },
  };
}

describe("renewing a credential", () => {
  test("asked for many times at once in one process asks the provider once", async () => {
    const { renew, spent } = provider();
    const one = await account();
    const renewed = await Promise.all(Array.from({ length: 20 }, () => renewCredential(one, renew, desk.env)));
    expect(new Set(renewed.map((credential) => JSON.stringify(credential)))).toEqual(
      new Set([JSON.stringify(token(1))]),
    );
    expect(spent).toEqual(["refresh-0"]);
    expect(openCredential(await account(), desk.env)).toEqual(token(1));
  });

  test("on many instances at once spends no refresh token twice, and every one gets the winner's", async () => {
    const { renew, spent } = provider();
    const instances = [desk.env, desk.other().env, desk.other().env];
    const renewed = await Promise.all(instances.map(async (env) => renewCredential(await account(env), renew, env)));
    expect(renewed).toEqual([token(1), token(1), token(1)]);
    expect(spent).toEqual(["refresh-0"]);
  });

  test("refused because somebody without the lease has spent the token gives what that one has kept", async () => {
    const one = await account();
    const late = async (): Promise<Credential> => {
      await putPool(accountFields("acc", credentialColumns("acc", token(7), desk.env)), desk.env);
      throw new Failure("credential.rejected", { message: "invalid_grant" });
    };
    expect(await renewCredential(one, late, desk.env)).toEqual(token(7));
    const refuse = () => Promise.reject(new Failure("credential.rejected", { message: "invalid_grant" }));
    await expect(renewCredential(await account(), refuse, desk.env)).rejects.toThrow("invalid_grant");
  });

  test("by an instance that still holds the old credential takes what is in the store instead", async () => {
    const { renew, spent } = provider();
    const stale = await account();
    await renewCredential(stale, renew, desk.env);
    const other = desk.other();
    expect(await renewCredential(stale, renew, other.env)).toEqual(token(1));
    expect(spent).toEqual(["refresh-0"]);
  });

  test("writes the credential's columns only, so that an edit meanwhile stands", async () => {
    const slow = provider(80);
    const renewal = renewCredential(await account(), slow.renew, desk.env);
    await putPool(accountFields("acc", { name: "Renamed", isEnabled: false }), desk.other().env);
    await renewal;
    expect(await account()).toMatchObject({ name: "Renamed", isEnabled: false });
  });

  test("that fails gives the lease back, so that the next one need not wait", async () => {
    const failing = () => Promise.reject(new Failure("upstream.timeout"));
    await expect(renewCredential(await account(), failing, desk.env)).rejects.toMatchObject({
      code: "upstream.timeout",
    });
    expect(await renewCredential(await account(), provider().renew, desk.other().env)).toEqual(token(1));
  });

  test("whose result cannot be written at first writes it again: the old token is spent, the new one must not be lost", async () => {
    const put = desk.env.store.put.bind(desk.env.store);
    let outages = 2;
    desk.env.store.put = (table, fields) =>
      outages-- > 0 ? Promise.reject(new Failure("store.unavailable")) : put(table, fields);
    expect(await renewCredential(await account(), provider().renew, desk.env)).toEqual(token(1));
    desk.env.store.put = put;
    expect(openCredential(await account(desk.other().env), desk.env)).toEqual(token(1));
  });

  test("of an account that was removed meanwhile is refused and brings nothing back", async () => {
    const gone = await account();
    await putPool({ "account/acc/credential": undefined, "account/acc/kind": undefined }, desk.env);
    await expect(renewCredential(gone, provider().renew, desk.env)).rejects.toMatchObject({
      code: "credential.rejected",
    });
  });
});

describe("a renewal that the store or the process does not survive", () => {
  const stale: Credential = { kind: "oauth", accessToken: "old", refreshToken: "spent" };
  const fresh: Credential = { kind: "oauth", accessToken: "new", refreshToken: "next" };
  const down = () => Promise.reject(new Failure("store.unavailable"));

  test("is used at once and written when the store is back, with no second renewal", async () => {
    const rig = await startRig();
    const account = await rig.addAccount({}, stale);
    let isDown = true;
    const put: Store["put"] = (table, fields) => (isDown ? down() : rig.env.store.put(table, fields));
    const env = { ...rig.env, store: { ...rig.env.store, put } };
    let renewals = 0;
    const renew = () => ((renewals += 1), Promise.resolve(fresh));
    expect(await renewCredential(account, renew, env)).toEqual(fresh);
    expect(openCredential(account, env)).toEqual(fresh);
    isDown = false;
    const kept = async () => {
      const found = (await readPool({ ...rig.env })).accountById.get(account.id);
      return found && openCredential(found, { ...rig.env });
    };
    await expect.poll(kept, { timeout: 10_000 }).toEqual(fresh);
    expect(renewals).toBe(1);
    await rig.stop();
  });

  test("is spilled sealed when the process ends first", async () => {
    const rig = await startRig();
    const account = await rig.addAccount({}, stale);
    const env = { ...rig.env, store: { ...rig.env.store, put: down } };
    await renewCredential(account, () => Promise.resolve(fresh), env);
    await spillCredentials(env);
    const spilled = rig.logged.find(({ event }) => event === "credential spilled")?.fields;
    expect(JSON.stringify(spilled)).not.toContain("next");
    const sealed = String(spilled?.sealed);
    expect(openCredential({ id: account.id, credential: sealed }, { ...rig.env })).toEqual(fresh);
    await rig.stop();
  });

  test("is put back by the next process, unless the account was signed in anew meanwhile", async () => {
    const rig = await startRig();
    const account = await rig.addAccount({}, stale);
    const lines: string[] = [];
    const env = { ...rig.env, store: { ...rig.env.store, put: down }, spill: (line: string) => void lines.push(line) };
    await renewCredential(account, () => Promise.resolve(fresh), env);
    // Killed from here on: it has had no last words.
    expect(lines).toHaveLength(1);
    const held = async () => {
      const found = (await readPool({ ...rig.env })).accountById.get(account.id);
      return found && openCredential(found, { ...rig.env });
    };
    await restoreCredentials([...lines, "{"], { ...rig.env });
    expect(await held()).toEqual(fresh);
    const another = { ...stale, refreshToken: "another" };
    await rig.addAccount({ id: account.id }, another);
    await restoreCredentials(lines, { ...rig.env });
    expect(await held()).toEqual(another);
    await rig.stop();
  });

  test.each([
    ["the provider gave a token and its answer was lost", "upstream.broken", false, false],
    ["the process ended in the middle of it", "upstream.unreachable", true, false],
    ["the provider answered that it cannot, while the process ended", "upstream.refused", true, true],
    ["the provider was out of reach", "upstream.timeout", false, true],
  ] as const)(
    "after which %s is shown the same token again only if that is good still",
    async (_, code, ends, again) => {
      const rig = await startRig();
      const account = await rig.addAccount({}, stale);
      let isEnding = false;
      const env = { ...rig.env, isDraining: () => isEnding };
      const fails = () => {
        isEnding = ends;
        return Promise.reject(new Failure(code));
      };
      const told = await renewCredential(account, fails, env).catch((error: unknown) => error as Failure);
      expect(told).toMatchObject({ code: code === "upstream.broken" ? "credential.rejected" : code });
      await rig.settled();
      const next = renewCredential(account, () => Promise.resolve(fresh), { ...rig.env });
      if (again) expect(await next).toEqual(fresh);
      else await expect(next).rejects.toMatchObject({ message: expect.stringContaining("signed in again") });
      await rig.stop();
    },
  );

  test.each(["write", "remove"] as const)(
    "is begun again where the store failed at the %s of its intent",
    async (verb) => {
      const rig = await startRig();
      const account = await rig.addAccount({}, stale);
      const { store } = rig.env;
      let isDown = true;
      const write: Store["write"] = async (name, ...given) => {
        const isWritten = await store.write(name, ...given);
        return isDown && verb === "write" && name.startsWith("renewing/") ? down() : isWritten;
      };
      const remove: Store["remove"] = (names) => (isDown && verb === "remove" ? down() : store.remove(names));
      const env = { ...rig.env, store: { ...store, write, remove } };
      await expect(
        renewCredential(account, () => Promise.reject(new Failure("upstream.refused")), env),
      ).rejects.toThrow();
      await rig.settled();
      isDown = false;
      expect(await renewCredential(account, () => Promise.resolve(fresh), env)).toEqual(fresh);
      await rig.stop();
    },
  );

  test("is never tried again with a token that a killed process may have spent, until it is signed in anew", async () => {
    const rig = await startRig();
    const account = await rig.addAccount({}, stale);
    // The process of this one is killed: nothing after the provider's answer happens.
    void renewCredential(account, () => new Promise(() => undefined), { ...rig.env });
    await expect.poll(() => rig.env.store.read([`renewing/${account.id}`])).not.toEqual([undefined]);
    rig.pass(91_000);
    let renewals = 0;
    const renew = () => ((renewals += 1), Promise.resolve(fresh));
    const next = { ...rig.env };
    await expect(renewCredential(account, renew, next)).rejects.toMatchObject({
      code: "credential.rejected",
      message: expect.stringContaining("signed in again"),
    });
    expect(renewals).toBe(0);
    const again = await rig.addAccount({ id: account.id }, { ...stale, refreshToken: "another" });
    expect(await renewCredential(again, renew, { ...rig.env })).toEqual(fresh);
    await rig.stop();
  });

  test("does not begin once the process drains, and one that has begun is waited for", async () => {
    const rig = await startRig();
    const account = await rig.addAccount({}, stale);
    let isDraining = false;
    const env = { ...rig.env, isDraining: () => isDraining };
    const answer = Promise.withResolvers<Credential>();
    const renewal = renewCredential(account, () => answer.promise, env);
    isDraining = true;
    let isEnded = false;
    const ended = renewalsEnded(env).then(() => (isEnded = true));
    await new Promise(setImmediate);
    expect(isEnded).toBe(false);
    answer.resolve(fresh);
    await Promise.all([renewal, ended]);
    await expect(renewCredential(account, () => answer.promise, env)).rejects.toMatchObject({
      code: "platform.draining",
    });
    await rig.stop();
  });
});
