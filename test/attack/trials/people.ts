import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { Secret, TOTP } from "otpauth";
import { lock } from "../../../functions/operations/backup/encryption.ts";
import { json, send, type Told } from "../../e2e/office.ts";
import { message, post, until } from "../client.ts";
import type { Context, Trial } from "../trial.ts";

const passphrase = "the attacker's passphrase";
const metricsToken = "metrics-token-of-the-trial";

/** A backup with these lines, as whoever knows the format writes one. */
async function makeBackup(lines: Iterable<object>): Promise<Buffer> {
  const plain = (async function* () {
    for (const line of lines) yield await Promise.resolve(Buffer.from(`${JSON.stringify(line)}\n`));
  })();
  const parts: Buffer[] = [];
  for await (const part of lock(plain, passphrase, { createdAt: 0, sanitised: false })) parts.push(part);
  return Buffer.concat(parts);
}

const about = { kind: "about", sanitised: false, zone: { TIMEZONE_OFFSET: 8 } };

async function ask(url: string, method: string, path: string, token: string, body?: object): Promise<Told> {
  const headers = { ...json, authorization: `Bearer ${token}` };
  return send(url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
}

async function signIn({ url, admin }: Context, more: object = {}): Promise<Told> {
  const body = JSON.stringify({ ...admin, bearer: true, ...more });
  return send(`${url}/admin/session`, { method: "POST", headers: json, body });
}

/** Billed commands of all processes, without those of asking. */
async function countCommands({ urls }: Context): Promise<number> {
  const headers = { authorization: `Bearer ${metricsToken}` };
  const texts = await Promise.all(urls.map((url) => fetch(`${url}/metrics`, { headers }).then((page) => page.text())));
  const figures = texts.flatMap((text) => [...text.matchAll(/^relay_store_commands_total(?:\{[^}]*\})? (\d+)/gm)]);
  assert.ok(figures.length > 0, texts[0]);
  return figures.reduce((sum, [, figure]) => sum + Number(figure), 0);
}

/** What somebody with a session, an old key, a forged address or a hostile file tries. */
export const people: readonly Trial[] = [
  {
    name: "a stolen session imports no backup, and ends with the operator's new password",
    async run(context) {
      const { url, urls, admin } = context;
      const { token } = (await signIn(context)).body as { token: string };
      const stored = { password: "scrypt$2$1$1$c2FsdA$aGFzaA", generation: "mine", changedAt: 1 };
      const taking = { kind: "admin", name: "admin/password", value: JSON.stringify(stored), isSealed: false };
      const file = (await makeBackup([about, taking])).toString("base64");
      for (const more of [{}, { password: "" }, { password: "a guess" }, { code: "123456" }]) {
        const { status, text } = await ask(url, "POST", "/admin/backup/import", token, { passphrase, file, ...more });
        assert.equal(status, 400, text);
        assert.match(text, /password/);
      }
      const own = (await signIn(context)).body as { token: string };
      const change = { currentPassword: admin.password, newPassword: "nobody has seen this one" };
      assert.equal((await ask(url, "PUT", "/admin/session/password", own.token, change)).status, 200);
      for (const each of urls)
        await until(`the session has ended at ${each}`, async () => {
          return (await ask(each, "GET", "/admin/keys", token)).status === 401;
        });
      assert.equal((await signIn(context)).status, 401);
      assert.equal((await signIn(context, { password: change.newPassword })).status, 201);
    },
  },
  {
    name: "a hostile backup is refused before it costs anything, and writes nothing",
    async run(context) {
      const { url, admin } = context;
      const { token } = (await signIn(context)).body as { token: string };
      const proof = { passphrase, password: admin.password };
      const imported = async (file: Buffer) => {
        const body = { ...proof, file: file.toString("base64") };
        const { status, text } = await ask(url, "POST", "/admin/backup/import", token, body);
        assert.equal(status, 400, text);
        return text;
      };
      const cursor = { kind: "admin", name: "usage/cursor", value: "broken", isSealed: false };
      const intoKeys = { kind: "groups", table: "keys", fields: { "x/hash": '"x"' } };
      for (const line of [cursor, intoKeys]) assert.match(await imported(await makeBackup([about, line])), /Line 2/);
      assert.match(await imported(await makeBackup([{ kind: "x".repeat(100_000_000) }])), /more than 4 MB/);
      const [head = "", ...rest] = (await makeBackup([about])).toString("latin1").split("\n");
      const dear = head.replace(/"N":\d+,"r":\d+,"p":\d+/, '"N":262144,"r":16,"p":16');
      assert.match(await imported(Buffer.from([dear, ...rest].join("\n"), "latin1")), /more work/);
      const { status, text } = await ask(url, "GET", "/admin/usage/overview", token);
      assert.equal(status, 200, text);
    },
  },
  {
    name: "1,000 made-up keys cost no store command",
    targets: ["redis", "embedded"],
    settings: { METRICS_TOKEN: metricsToken },
    async run(context) {
      const { url, urls, office, account } = context;
      await account("anthropic");
      const { secret } = await office.key();
      for (const each of urls) assert.equal((await post(each, secret, message())).status, 200);
      // What the calls have left to write is written.
      await pause(1_000);
      const guess = async (each: string) => assert.equal((await post(url, each, message())).status, 401);
      await guess(`cr_${randomBytes(32).toString("hex")}`);
      const before = await countCommands(context);
      for (let index = 0; index < 250; index += 1)
        await Promise.all(
          [
            `cr_${randomBytes(32).toString("hex")}`,
            secret.slice(0, 51) + randomBytes(8).toString("hex"),
            `sk-ant-api03-${randomBytes(40).toString("base64url")}`,
            `cr_${randomBytes(32).toString("hex")}.e30.x`,
          ].map(guess),
        );
      const after = await countCommands(context);
      // Asking for the metrics costs none; a minute may have passed, and the pool been read again.
      assert.ok(after - before <= 2, `${after - before} commands`);
    },
  },
  {
    name: "a client does not choose the address that limits go by",
    settings: { TRUST_PROXY: "true" },
    async run({ url, office, account }) {
      await account("anthropic");
      const { secret } = await office.key({ ips: ["198.51.100.7"] });
      const from = async (hops: string) => (await post(url, secret, message(), { "x-forwarded-for": hops })).status;
      assert.equal(await from("10.0.0.9, 198.51.100.7"), 200);
      for (const hop of ["10.1.2.3", "192.168.7.7", "172.16.0.1", "100.64.0.1", "127.0.0.1", "fd00::1", "203.0.113.9"])
        assert.equal(await from(`198.51.100.7, ${hop}`), 403, hop);
    },
  },
  {
    name: "a call under way ends, settled, when its key is deleted or its account paused",
    settings: { REVOKE_CHECK_SECONDS: "1" },
    async run({ urls, office, account }) {
      const at = urls.at(-1) ?? "";
      const slow = await account("anthropic", "pace=100+deltas=300");
      const ends: [string, (key: string) => Promise<Told>][] = [
        ["deleted", (key) => office.admin("POST", "/admin/keys/delete", { ids: [key] })],
        ["disabled", (key) => office.admin("PATCH", `/admin/keys/${key}`, { isEnabled: false })],
        ["paused", () => office.admin("PATCH", `/admin/accounts/${slow}`, { isEnabled: false })],
      ];
      for (const [what, end] of ends) {
        const key = await office.key();
        const answered = post(at, key.secret, message());
        await pause(1_500);
        const { status, text } = await end(key.id);
        assert.ok(status < 300, text);
        assert.match((await answered).text, /event: error/, what);
        const [booked] = await office.booked(key, 1);
        assert.equal(booked?.outcome, "broken", what);
        assert.ok((booked?.tokens ?? 0) > 0, what);
      }
    },
  },
  {
    name: "a recovery code is good once, however many are used at the same moment",
    async run(context) {
      const { urls, admin, office } = context;
      const start = await office.admin("POST", "/admin/session/second-factor", { password: admin.password });
      const { secret } = start.body as { secret: string };
      const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
      const confirmed = await office.admin("PUT", "/admin/session/second-factor", { code });
      const codes = (confirmed.body as { recoveryCodes: string[] }).recoveryCodes.slice(0, 3);
      const use = async () => {
        const asked = codes.flatMap((each) => urls.map((url) => signIn({ ...context, url }, { code: each })));
        return (await Promise.all(asked)).filter(({ status }) => status === 201).length;
      };
      assert.equal(await use(), 3);
      assert.equal(await use(), 0);
      const { body } = await office.admin("GET", "/admin/session/second-factor");
      assert.equal((body as { recoveryCodesLeft: number }).recoveryCodesLeft, 7);
    },
  },
  {
    name: "the password of a proxy in front does not shut the console",
    async run({ url, admin }) {
      const signed = await send(`${url}/admin/session`, { method: "POST", headers: json, body: JSON.stringify(admin) });
      const cookie = signed.headers
        .getSetCookie()
        .map((each) => each.split(";")[0])
        .join("; ");
      const authorization = `Basic ${Buffer.from("team:word").toString("base64")}`;
      assert.equal((await send(`${url}/admin/keys`, { headers: { cookie, authorization } })).status, 200);
      assert.equal(
        (await send(`${url}/admin/keys`, { method: "HEAD", headers: { cookie, authorization } })).status,
        200,
      );
      assert.equal((await send(`${url}/admin/keys`, { headers: { authorization } })).status, 401);
    },
  },
];
