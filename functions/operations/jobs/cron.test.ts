import { createHash } from "node:crypto";
import { SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildRequest, startRig, type Rig } from "../../../test/rig.ts";
import { buildEvent } from "../../../test/usage.ts";
import { handle as cleanup } from "../../endpoints/cron/cleanup.ts";
import { handle as refresh } from "../../endpoints/cron/refresh.ts";
import { handle as rollup } from "../../endpoints/cron/rollup.ts";
import type { Endpoint, Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import type { Inbound, Outbound } from "../../wire/dispatch.ts";
import { readPool, putPool } from "../../core/accounts/pool.ts";
import { openCredential } from "../../core/accounts/credential.ts";
import { usageLog } from "../../core/usage/log.ts";
import { runCleanup } from "./cleanup.ts";
import { listJobs } from "./jobs.ts";
import { runRefresh } from "./refresh.ts";
import { runRollup } from "./rollup.ts";

const keys = { QSTASH_CURRENT_SIGNING_KEY: "sig_current_key", QSTASH_NEXT_SIGNING_KEY: "sig_next_key" };
const environment = { ...keys, QSTASH_TOKEN: "token", PUBLIC_URL: "https://relay.example/" };
let rig: Rig;
beforeEach(async () => {
  rig = await startRig({ environment });
});
afterEach(() => rig.stop());

interface Signing {
  readonly key?: string;
  readonly url?: string;
  readonly body?: string;
  readonly jti?: string | undefined;
  readonly expiresIn?: number | undefined;
}

/** As QStash signs: https://upstash.com/docs/qstash/howto/signature */
function sign(signing: Signing = {}): Promise<string> {
  const { key = keys.QSTASH_CURRENT_SIGNING_KEY, url = "https://relay.example/cron/rollup", body = "" } = signing;
  const seconds = Math.floor(Date.now() / 1000);
  const hash = createHash("sha256").update(body).digest("base64url");
  const jwt = new SignJWT({ body: hash })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer("Upstash")
    .setSubject(url)
    .setIssuedAt(seconds)
    .setNotBefore(seconds);
  const jti = "jti" in signing ? signing.jti : `jwt_${Math.random()}`;
  const expiresIn = "expiresIn" in signing ? signing.expiresIn : 300;
  if (jti !== undefined) jwt.setJti(jti);
  if (expiresIn !== undefined) jwt.setExpirationTime(seconds + expiresIn);
  return jwt.sign(Buffer.from(key));
}

async function post(handle: Endpoint, signature: string | undefined, env: Env = rig.env) {
  const headers: Record<string, string> = signature === undefined ? {} : { "upstash-signature": signature };
  const answer = await handle(buildRequest({ path: "/cron/rollup", headers }), env);
  return { status: answer.status, body: JSON.parse(String(answer.body)) as Record<string, unknown> };
}

describe("the guard of the maintenance routes", () => {
  test("lets through what QStash signed for this address, with the current or the next key", async () => {
    expect(await post(rollup, await sign())).toEqual({ status: 200, body: { events: 0 } });
    expect(await post(rollup, await sign({ key: keys.QSTASH_NEXT_SIGNING_KEY }))).toMatchObject({ status: 200 });
  });

  const refused: Record<string, Signing> = {
    "another key": { key: "sig_other" },
    "another address": { url: "https://relay.example/cron/cleanup" },
    "another host": { url: "https://other.example/cron/rollup" },
    "another body": { body: "{}" },
    "no end": { expiresIn: undefined },
    "an end that has passed": { expiresIn: -60 },
    "no id": { jti: undefined },
  };
  test.each(Object.entries(refused))("refuses a signature with %s", async (_, signing) => {
    await expect(sign(signing).then((signature) => post(rollup, signature))).rejects.toMatchObject({
      code: "signature.wrong",
      status: 401,
    });
  });

  test("refuses no signature, garbage and an unsigned token", async () => {
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${(await sign()).split(".")[1] ?? ""}.`;
    for (const signature of [undefined, "", "x", "a.b.c", none]) {
      await expect(post(rollup, signature)).rejects.toMatchObject({ code: "signature.wrong" });
    }
  });

  test("refuses a message that was used before, here and, before it changes anything, at another instance", async () => {
    const signature = await sign();
    await rig.env.store.append(usageLog, JSON.stringify(buildEvent({ at: rig.env.now() })));
    expect((await post(rollup, signature)).body).toMatchObject({ events: 1 });
    await expect(post(rollup, signature)).rejects.toMatchObject({ code: "signature.wrong" });
    await rig.env.store.append(usageLog, JSON.stringify(buildEvent({ id: "e1", at: rig.env.now() })));
    await expect(post(rollup, signature, { ...rig.env })).rejects.toMatchObject({ code: "signature.wrong" });
  });

  test("a run that fails is an error of ours to QStash, which then sends the call again; that one is a new message", async () => {
    const store = new Proxy(rig.env.store, {
      get: (target, name) =>
        name === "readLogBackwards"
          ? () => Promise.reject(new Failure("store.unavailable"))
          : (Reflect.get(target, name) as unknown),
    });
    await expect(post(rollup, await sign(), { ...rig.env, store })).rejects.toMatchObject({ status: 503 });
    expect((await post(rollup, await sign())).status).toBe(200);
  });

  test("takes the very same message again after a run that failed, also one that had begun to change something", async () => {
    let isDown = true;
    const store = new Proxy(rig.env.store, {
      get(target, name) {
        const found = Reflect.get(target, name) as unknown;
        if (name !== "readLog" || typeof found !== "function") return found;
        return (...given: unknown[]) =>
          isDown ? Promise.reject(new Failure("store.unavailable")) : (Reflect.apply(found, target, given) as unknown);
      },
    });
    const env = { ...rig.env, store };
    await rig.env.store.append(usageLog, JSON.stringify(buildEvent({ at: rig.env.now() })));
    const signature = await sign();
    await expect(post(rollup, signature, env)).rejects.toMatchObject({ status: 503 });
    isDown = false;
    expect((await post(rollup, signature, env)).body).toMatchObject({ events: 1 });
    await expect(post(rollup, signature, env)).rejects.toMatchObject({ code: "signature.wrong" });
  });

  test("trusts no development key, whatever the environment says", async () => {
    process.env.QSTASH_DEV = "true";
    try {
      await expect(
        sign({ key: "sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r" }).then((signature) => post(rollup, signature)),
      ).rejects.toMatchObject({ code: "signature.wrong" });
      expect(await post(rollup, await sign())).toMatchObject({ status: 200 });
    } finally {
      delete process.env.QSTASH_DEV;
    }
  });

  test("where no QStash is configured there is no such route", async () => {
    const bare = await startRig();
    try {
      for (const handle of [rollup, refresh, cleanup]) {
        await expect(sign().then((signature) => post(handle, signature, bare.env))).rejects.toMatchObject({
          code: "route.unknown",
        });
      }
    } finally {
      await bare.stop();
    }
  });
});

/** A store that counts what is asked of it. */
function counted(env: Env): { env: Env; calls: string[] } {
  const calls: string[] = [];
  const store = new Proxy(env.store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        calls.push(String(name));
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
  return { env: { ...env, store }, calls };
}

/** A sign-in server that answers every renewal so. */
function signInServer(status: number, answer: object): { env: Env; asked: Outbound[] } {
  const asked: Outbound[] = [];
  const dispatch = async (outbound: Outbound): Promise<Inbound> => {
    asked.push(outbound);
    const parts = [Buffer.from(JSON.stringify(answer))];
    const body = { read: async () => parts.shift(), take: () => parts.shift(), cancel: () => undefined };
    return { status, headers: {}, body } as unknown as Inbound;
  };
  return { env: { ...rig.env, dispatch }, asked };
}

const minuteMs = 60_000;
const signedIn = (endsInMinutes: number) => ({
  kind: "claude",
  credentialExpiresAt: rig.env.now() + endsInMinutes * minuteMs,
});
const token = { kind: "oauth", accessToken: "old", refreshToken: "refresh" } as const;

describe("the process's own timer, where QStash may call", () => {
  const names = (ran: { isBusy?: unknown }[]) => ran.map(({ isBusy }) => isBusy === true);
  const runAll = async () => {
    const ran = [];
    for (const job of listJobs(rig.env.config)) ran.push(await job.run(rig.env));
    return names(ran);
  };

  test("works until a signed call comes, leaves the work to QStash while it calls, and takes it up when it stays away", async () => {
    expect(await runAll()).toEqual([false, false, false]);
    await expect(post(rollup, undefined)).rejects.toThrow("upstash-signature is missing");
    expect(await runAll()).toEqual([false, false, false]);
    expect((await post(rollup, await sign())).status).toBe(200);
    expect(await runAll()).toEqual([true, true, true]);
    rig.pass(59 * minuteMs);
    expect(await runAll()).toEqual([true, true, true]);
    rig.pass(2 * minuteMs);
    expect(await runAll()).toEqual([false, false, false]);
  });
});

describe("the jobs", () => {
  test("cost three commands together when there is nothing to do, whatever stands in the store", async () => {
    await rig.addAccount({ id: "fresh", ...signedIn(600) }, token);
    await rig.env.store.append(usageLog, JSON.stringify(buildEvent({ at: rig.env.now() })));
    await runRollup(rig.env);
    // The first one of a relay notes which keys there are (key-filter.ts).
    await runCleanup(rig.env);
    const { env, calls } = counted(rig.env);
    for (const job of listJobs(env.config)) await job.run(env);
    expect(calls).toEqual(["list", "list", "readLogBackwards"]);
  });

  test("refresh renews the sign-ins that end before the run after the next, and no others", async () => {
    await rig.addAccount({ id: "soon", ...signedIn(59) }, token);
    await rig.addAccount({ id: "later", ...signedIn(61) }, token);
    await rig.addAccount({ id: "setup", ...signedIn(1) }, { kind: "oauth", accessToken: "setup-token" });
    await rig.addAccount({ id: "stopped", ...signedIn(1), stoppedBecause: "refused" }, token);
    const server = signInServer(200, { access_token: "new", refresh_token: "next", expires_in: 28_800 });
    expect(await runRefresh(server.env)).toEqual({ renewed: ["soon"], failed: [], left: 0 });
    const account = (await readPool(rig.env)).accountById.get("soon");
    expect(account && openCredential(account, rig.env)).toMatchObject({ accessToken: "new", refreshToken: "next" });
    expect(await runRefresh(server.env)).toEqual({ renewed: [], failed: [] });
    expect(server.asked).toHaveLength(1);
  });

  test("a refused renewal stops an account only when its old token has ended", async () => {
    await rig.addAccount({ id: "alive", ...signedIn(30) }, token);
    await rig.addAccount({ id: "ended", ...signedIn(-1) }, token);
    const server = signInServer(400, { error: "invalid_grant" });
    const report = (await runRefresh(server.env)) as { failed: { account: string }[] };
    expect(report.failed.map(({ account }) => account).sort()).toEqual(["alive", "ended"]);
    const pool = await readPool(rig.env);
    expect(pool.accountById.get("alive")?.stoppedBecause).toBeUndefined();
    expect(pool.accountById.get("ended")?.stoppedBecause).toContain("invalid_grant");
  });

  test("a sign-in server that is down stops nobody", async () => {
    await rig.addAccount({ id: "ended", ...signedIn(-1) }, token);
    await runRefresh(signInServer(503, {}).env);
    expect((await readPool(rig.env)).accountById.get("ended")?.stoppedBecause).toBeUndefined();
  });

  test("cleanup drops what ended more than an hour ago, and keeps the rest", async () => {
    await rig.addAccount({ id: "a" });
    const cooldown = (account: string, minutes: number) => ({
      account,
      scope: "account",
      untilAt: rig.env.now() + minutes * minuteMs,
      sinceAt: 0,
      reason: "429",
    });
    await putPool(
      {
        "cooldown/a/account": cooldown("a", -59),
        "cooldown/a/family:opus": cooldown("a", -61),
        "cooldown/gone/account": cooldown("gone", 10),
      },
      rig.env,
    );
    expect(await runCleanup(rig.env)).toEqual({ cooldowns: 2 });
    expect([...(await readPool(rig.env)).cooldowns.keys()]).toEqual(["a/account"]);
    expect(await runCleanup(rig.env)).toEqual({ cooldowns: 0 });
  });

  test("do not run twice at once, and run again after one that died", async () => {
    await rig.env.store.append(usageLog, JSON.stringify(buildEvent({ at: rig.env.now() })));
    await rig.env.store.write("lease/rollup", "somebody", { ttlSeconds: 180 });
    expect(await runRollup(rig.env)).toEqual({ isBusy: true });
    rig.pass(181_000);
    expect(await runRollup(rig.env)).toMatchObject({ events: 1, end: "done" });
    expect(await rig.env.store.read(["lease/rollup"])).toEqual([undefined]);
  });
});
