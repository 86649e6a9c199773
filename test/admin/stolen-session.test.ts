import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Secret, TOTP } from "otpauth";
import { operations } from "../../functions/admin/http/operations.ts";
import type { Operation } from "../../functions/admin/http/operation.ts";
import { putPasskey } from "../../functions/core/people/passkey.ts";
import { passkeysTable } from "../../functions/core/people/passkey.ts";
import { passwordName, putPassword, readAdmin } from "../../functions/core/people/password.ts";
import { confirmSecondFactor, draftSecondFactor, secondFactorName } from "../../functions/core/people/second-factor.ts";
import { openSession } from "../../functions/core/people/session.ts";
import { exportBackup } from "../../functions/operations/backup/export.ts";
import { addAccount, addKey } from "../rig.ts";
import { environment, openDesk, type Desk, type Told } from "./desk.ts";
import { sample } from "./sample.ts";

/** Whoever copies a session of the operator has it until it ends; they must not be able to make more of it. */
const passphrase = "the attacker's passphrase";
const newPassword = "a password that nobody has seen";

let desk: Desk;
let attackers: Desk;
/** The attacker's relay as a file: its password, second factor and a passkey are theirs. */
let hostile: string;
beforeEach(async () => {
  [desk, attackers] = await Promise.all([openDesk(), openDesk()]);
  await putPassword("the attacker's password", attackers.env);
  await turnOn(attackers);
  await putPasskey(
    {
      ...{ id: "attackers", name: "x", publicKey: "x", counter: 0, transports: [], host: "relay.example" },
      ...{ isBackedUp: false, createdAt: 1, usedAt: null },
    },
    attackers.env,
  );
  const parts: Buffer[] = [];
  for await (const part of exportBackup({ passphrase, sanitised: false }, attackers.env)) parts.push(part);
  hostile = Buffer.concat(parts).toString("base64");
});
afterEach(() => Promise.all([desk.stop(), attackers.stop()]));

async function turnOn({ env }: Desk): Promise<() => string> {
  const { secret } = await draftSecondFactor("admin", env);
  const app = new TOTP({ secret: Secret.fromBase32(secret) });
  await confirmSecondFactor(app.generate({ timestamp: env.now() }), env);
  return () => app.generate({ timestamp: env.now() });
}

/** What decides who gets in. */
const doors = async () => [
  await desk.store.read([passwordName, secondFactorName]),
  await desk.store.list(passkeysTable),
];

const steal = async () => (await openSession(await readAdmin(desk.env), "bearer", desk.env)).token;

/** Every text in an answer: one of them may be a credential. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

interface Records {
  readonly account: string;
  readonly key: string;
}

async function tryOne(operation: Operation, { account, key }: Records, token: string, ip: string): Promise<Told> {
  const known = {
    ...{ password: "a guess", currentPassword: "a guess", newPassword: "the attacker's password", code: "123456" },
    ...{
      passphrase,
      file: hostile,
      ids: [key],
      name: `of ${operation.id}`,
      kind: "anthropic",
      count: 1,
      sanitised: true,
    },
    ...{
      credential: { kind: "api-key", secret: "sk-of-the-attacker" },
      baseUrl: null,
      proxy: null,
      schedule: null,
      before: "+",
      model: "m",
    },
  };
  const id = operation.path.startsWith("/admin/accounts") || operation.path.includes("usage/accounts") ? account : key;
  const path = operation.path.replace(":job", "rollup").replace(/:\w+/, id);
  const body = operation.body ? { body: sample(operation.body, known) } : {};
  return desk.ask(operation.method, path, { ...body, ip, headers: { authorization: `Bearer ${token}` } });
}

describe.each([false, true])("with a second factor: %s", (hasFactor) => {
  test("what a stolen session opens is shut by a new password", async () => {
    const code = hasFactor ? await turnOn(desk) : undefined;
    const { id: account } = await addAccount(desk.env, {}, { kind: "api-key", secret: "sk" });
    const { key } = await addKey(desk.env, {});
    const walked = operations.filter((operation) => !operation.isPublic);
    const found = new Set<string>();
    const told = new Map<string, Told>();
    for (const [index, operation] of walked.entries()) {
      const before = await doors();
      const token = await steal();
      const answer = await tryOne(operation, { account, key: key.id }, token, `198.51.100.${index}`);
      expect([operation.id, await doors()]).toEqual([operation.id, before]);
      told.set(operation.id, answer);
      [token, ...textsOf(answer.body), ...answer.cookies.map((cookie) => /=([^;]*)/.exec(cookie)?.[1] ?? "")].forEach(
        (text) => found.add(text),
      );
    }
    // The walk got as far as it can: what makes records has made some, and what opens doors asked who is there.
    for (const id of ["createKey", "createKeys", "createAccount", "createGroup"])
      expect([id, told.get(id)?.status, told.get(id)?.text]).toEqual([id, 201, expect.anything()]);
    for (const id of ["importBackup", "changePassword", "startSecondFactor", "stopSecondFactor", "startPasskey"])
      expect([id, told.get(id)?.text]).toEqual([id, expect.stringContaining("is not the password")]);

    desk.pass(60_000);
    const own = { authorization: `Bearer ${await steal()}` };
    const currentPassword = environment.ADMIN_PASSWORD;
    const changed = await desk.ask("PUT", "/admin/session/password", {
      body: { currentPassword, newPassword },
      headers: own,
      ip: "192.0.2.9",
    });
    expect(changed.status, changed.text).toBe(200);
    desk.pass(5_000);
    for (const text of [...found].filter((each) => each.length >= 8 && each.length < 5_000)) {
      const bearer = { authorization: `Bearer ${text}` };
      const cookie = { cookie: `relay_session=${text}` };
      for (const headers of [bearer, cookie]) {
        const { status } = await desk.ask("GET", "/admin/session", { headers, ip: "192.0.2.8" });
        expect([text.slice(0, 20), status]).toEqual([text.slice(0, 20), 401]);
      }
    }
    const signIn = (password: string) =>
      desk.ask("POST", "/admin/session", {
        body: { username: "admin", password, bearer: true, ...(code ? { code: code() } : {}) },
        ip: "192.0.2.7",
      });
    expect((await signIn("the attacker's password")).status).toBe(401);
    const back = await signIn(newPassword);
    expect(back.status, back.text).toBe(201);
    // API keys are no way into the console; those that were made stand in the list and in the audit log.
    const headers = { authorization: `Bearer ${back.body.token as string}` };
    const keys = (await desk.ask("GET", "/admin/keys", { headers })).text;
    const log = (await desk.ask("GET", "/admin/audit", { headers })).text;
    for (const name of ["of createKey", "of createKeys"]) expect(keys).toContain(name);
    for (const id of ["createKey", "createKeys", "importBackup"]) expect(log).toContain(`"${id}"`);
    expect((await desk.ask("GET", "/admin/session/passkeys", { headers })).body.items).toEqual([]);
  }, 120_000);
});
