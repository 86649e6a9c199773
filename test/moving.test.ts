import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  putAlertSettings,
  readAlertSettings,
  alertDefaults,
  openSecrets,
  sealSecrets,
} from "../functions/operations/alerts/settings.ts";
import type { Env } from "../functions/env.ts";
import { exportBackup } from "../functions/operations/backup/export.ts";
import { importBackup, planImport, type OpenFile, type Plan } from "../functions/operations/backup/import.ts";
import { lock, unlock } from "../functions/operations/backup/encryption.ts";
import { isAdmin, putPassword, readAdmin } from "../functions/core/people/password.ts";
import { appendAudit, listAudit, verifyAudit } from "../functions/core/people/audit.ts";
import { openCredential, openProxy, sealProxy } from "../functions/core/accounts/credential.ts";
import { listKeys } from "../functions/core/keys/key.ts";
import { cells, rowName } from "../functions/core/limits/meter.ts";
import { dayOf } from "../functions/core/limits/period.ts";
import { putPool, readPool } from "../functions/core/accounts/pool.ts";
import { rollUp } from "../functions/core/usage/rollup/rollup.ts";
import { seal } from "../functions/core/accounts/seal.ts";
import { listPasskeys, putPasskey } from "../functions/core/people/passkey.ts";
import { readSecondFactor, secondFactorName } from "../functions/core/people/second-factor.ts";
import { readAllTotals, readDays, readKeyDays, readMonths } from "../functions/core/usage/statistics.ts";
import { openStore } from "../functions/stores/index.ts";
import type { Store } from "../functions/stores/store.ts";
import { cli } from "../scripts/cli.ts";
import type { Terminal } from "../scripts/cli/command.ts";
import { testEnvironment } from "./environment.ts";
import { subjects, type Subject } from "./redis/stores.ts";
import { startRig, type Rig } from "./rig.ts";
import { buildEvent } from "./usage.ts";

const passphrase = "correct horse battery staple";
const secrets = ["sk-first-secret", "access-of-claude", "refresh-of-claude", "proxy-password", "hook-path-secret"];
const passkey = {
  ...{ id: "credential", name: "Laptop", publicKey: "key", counter: 3, transports: ["usb"], host: "relay.example" },
  ...{ isBackedUp: false, createdAt: 1, usedAt: 2 },
};
const factor = JSON.stringify({ secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", recovery: ["one"], sinceAt: 1 });

/** A relay with something of every kind, used for three days. */
async function fill({ env, addAccount, addKey }: Rig): Promise<void> {
  const proxy = sealProxy("first", "http://me:proxy-password@proxy.example:8080", env);
  await addAccount({ id: "first", groups: ["g1"], proxy }, { kind: "api-key", secret: "sk-first-secret" });
  const oauth = { kind: "oauth", accessToken: "access-of-claude", refreshToken: "refresh-of-claude" } as const;
  await addAccount({ id: "second", kind: "claude", credentialExpiresAt: 5_000 }, oauth);
  const channel = { id: "c1", kind: "slack", name: "ours", isEnabled: true, place: "hooks.example" } as const;
  const rest = { chatId: "", host: "", port: 0, username: "", from: "", to: [], sealed: "" };
  const sealed = { c1: sealSecrets("c1", { url: "https://hooks.example/hook-path-secret" }, env) };
  await putAlertSettings({ ...alertDefaults, channels: [{ ...channel, ...rest }], budgetShare: 0.5 }, sealed, env);
  await putPool(
    { "group/g1": { id: "g1", name: "Team" }, "price/own-model": { input: 3 }, "setting/unusedDays": 30 },
    env,
  );
  const { key } = await addKey({ name: "limited", dailyCostNanos: 9e9, totalTokens: 1e9, tags: ["团队"] });
  await addKey({ name: "free", deletedAt: env.now() });
  const day = rowName(key.id, dayOf(env.now(), env.config).name);
  await env.store.count([
    {
      row: day,
      steps: [
        { cell: cells.requests, by: 7 },
        { cell: cells.costNanos, by: 123_456_789 },
      ],
    },
  ]);
  await putPassword("a changed password", env);
  await env.store.write(secondFactorName, seal(factor, secondFactorName, env.config));
  await putPasskey(passkey, env);
  for (let index = 0; index < 120; index += 1) {
    const event = buildEvent({
      id: `call-${index}`,
      key: key.id,
      account: "first",
      at: env.now() - (index % 3) * 86_400_000,
    });
    await env.store.append("usage", JSON.stringify(event));
  }
  for (let index = 0; index < 3; index += 1)
    await appendAudit(
      { at: env.now(), who: "admin", ip: "::1", operation: `op-${index}`, target: "", status: 200, request: "r" },
      env,
    );
}

/** All that a relay can tell of itself, secrets opened. */
async function look({ env }: Rig): Promise<Record<string, unknown>> {
  const pool = await readPool(env);
  const keys = await listKeys(env);
  const days = [0, 1, 2].map((back) => dayOf(env.now() - back * 86_400_000, env.config).name);
  const limited = keys.find(({ name }) => name === "limited");
  const row = rowName(limited?.id ?? "", days[0] ?? "");
  const alerts = readAlertSettings(pool);
  const admin = await readAdmin(env);
  return {
    keys: keys.sort((one, other) => one.id.localeCompare(other.id)),
    accounts: pool.accounts
      .map((account) => ({ ...account, credential: openCredential(account, env), proxy: openProxy(account, env) }))
      .sort((one, other) => one.id.localeCompare(other.id)),
    pool: [pool.groups, pool.prices, [...pool.settings.keys()].sort()],
    alerts: alerts.channels.map((channel) => openSecrets(channel, env)),
    password: await isAdmin(admin, "admin", "a changed password", env),
    factor: await readSecondFactor(env),
    passkeys: await listPasskeys(env),
    totals: await readAllTotals(env),
    days: await readDays(days, env),
    months: await readMonths([...new Set(days.map((day) => day.slice(0, 7)))], env),
    details: (await readKeyDays(limited?.id ?? "", days, env)).map((detail) =>
      [...detail].map(([share, { figures }]) => [share, figures]),
    ),
    calls: (await env.store.readLog("usage", "0", 1_000))
      .map(({ entry }) => (JSON.parse(entry) as { id?: string }).id)
      .filter(Boolean),
    meters: await env.store.count([{ row, steps: [0, 1, 2, 4].map((cell) => ({ cell, by: 0 })) }]),
    audit: await verifyAudit(env),
    did: (await listAudit({}, { before: "+", most: 9 }, env)).items.map(({ entry }) => entry),
  };
}

async function gather(source: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const parts: Buffer[] = [];
  for await (const part of source) parts.push(part);
  return parts;
}

async function write(env: Env, sanitised = false): Promise<Buffer> {
  return Buffer.concat(await gather(exportBackup({ passphrase, sanitised }, env)));
}

/** In pieces that fit no chunk. */
const opened = (file: Buffer): OpenFile =>
  async function* () {
    for (let at = 0; at < file.length; at += 997) yield file.subarray(at, at + 997);
  };

const sum = ({ counts }: Plan, outcome: "new" | "same" | "different") =>
  Object.values(counts).reduce((total, count) => total + count[outcome], 0);

const keyOf = (name: string) => createHash("md5").update(name).digest("hex");

let source: Rig;
let file: Buffer;
let wanted: Record<string, unknown>;

beforeAll(async () => {
  source = await startRig();
  await fill(source);
  file = await write(source.env);
  wanted = await look(source);
}, 60_000);
afterAll(() => source.stop());

describe.each(Object.keys(subjects) as (keyof typeof subjects)[])("a move into the store %s", (kind) => {
  let subject: Subject;
  let store: Store;
  let target: Rig;
  beforeAll(async () => {
    subject = await subjects[kind]();
    store = await subject.open();
    target = await startRig({ store, environment: { ENCRYPTION_KEY: keyOf(kind) } });
  }, 180_000);
  afterAll(async () => {
    await target.stop();
    await store.close();
    await subject.stop();
  });

  test("shows what is new, writes nothing before, and carries everything under the key of the target", async () => {
    const plan = await planImport(opened(file), passphrase, target.env);
    expect(sum(plan, "same") + sum(plan, "different")).toBe(0);
    expect(plan.counts).toMatchObject({
      accounts: { new: 2 },
      keys: { new: 2 },
      events: { new: 120 },
      audit: { new: 3 },
    });
    expect(await listKeys(target.env)).toEqual([]);
    await importBackup(opened(file), passphrase, target.env);
    expect(await look(target)).toEqual(wanted);
  });

  test("changes nothing when it is run again, and nothing when usage is folded then", async () => {
    const again = await importBackup(opened(file), passphrase, target.env);
    expect(sum(again, "new") + sum(again, "different")).toBe(0);
    await rollUp(Infinity, target.env);
    target.pass(2_000);
    expect({ ...(await look(target)), calls: wanted["calls"] }).toEqual(wanted);
  });

  test("goes back into an empty relay as it came", async () => {
    const back = await startRig({ environment: { ENCRYPTION_KEY: keyOf("back") } });
    await importBackup(opened(await write(target.env)), passphrase, back.env);
    expect(await look(back)).toEqual(wanted);
    await back.stop();
  });
});

test("an import that is killed at any write is whole when it is run again", async () => {
  const order = ["write", "put", "count", "append", "fold", "expire"] as const;
  // Within the tables, the meters, the calls and the audit log, and the last one after the end.
  for (const kill of [4, 50, 124, 1_000]) {
    const target = await startRig({ environment: { ENCRYPTION_KEY: keyOf("killed") } });
    let left = kill;
    const dying = new Proxy(target.env.store, {
      get(store, name: keyof Store) {
        const verb = store[name];
        if (typeof verb !== "function") return verb;
        const bound = verb.bind(store) as (...values: unknown[]) => unknown;
        if (!(order as readonly string[]).includes(name)) return bound;
        return (...values: unknown[]) => (left-- > 0 ? bound(...values) : Promise.reject(new Error("killed")));
      },
    });
    await importBackup(opened(file), passphrase, { ...target.env, store: dying }).then(
      () => expect(kill).toBe(1_000),
      (error: Error) => expect(error.message).toBe("killed"),
    );
    // The relay goes on meanwhile, and folds whatever is there.
    await rollUp(Infinity, target.env);
    await importBackup(opened(file), passphrase, target.env);
    expect(await look(target)).toEqual(wanted);
    await target.stop();
  }
}, 60_000);

describe("a file", () => {
  const refused = (bytes: Buffer, word = passphrase) =>
    planImport(opened(bytes), word, source.env).then(
      () => "taken",
      (error: Error) => error.message,
    );
  const head = () => file.indexOf(10) + 1;

  test("does not open with another passphrase, and none is taken that is too short", async () => {
    expect(await refused(file, "correct horse battery stable")).toMatch(/passphrase is wrong/);
    await expect(exportBackup({ passphrase: "short", sanitised: false }, source.env).next()).rejects.toThrow(
      /8 characters/,
    );
  });

  test("that lost its end is refused, wherever it was cut", async () => {
    for (const at of [10, head(), head() + 3, head() + 100, file.length - 1, file.length - 20])
      expect(await refused(file.subarray(0, at)), `cut at ${at}`).toMatch(/cut off|no backup/);
  });

  test("of many chunks opens as it was, and not with one of them cut off, moved or doubled", async () => {
    const plain = randomBytes(300_000);
    const parts = await gather(lock(opened(plain)(), passphrase, { createdAt: 0, sanitised: false }));
    const open = (chunks: readonly Buffer[]) => gather(unlock(opened(Buffer.concat(chunks))(), passphrase));
    expect(Buffer.concat(await open(parts))).toEqual(plain);
    const [first = plain, one = plain, two = plain, ...rest] = parts;
    expect(rest.length).toBeGreaterThan(1);
    await expect(open(parts.slice(0, -1))).rejects.toThrow(/cut off/);
    await expect(open([first, two, one, ...rest])).rejects.toThrow(/damaged/);
    await expect(open([first, one, one, two, ...rest])).rejects.toThrow(/damaged/);
    await expect(open([...parts, one])).rejects.toThrow(/damaged/);
  });

  test("of which one bit was flipped is refused", async () => {
    for (const at of [5, 40, head() - 10, head(), head() + 10, Math.floor(file.length / 2), file.length - 1]) {
      const bytes = Buffer.from(file);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      expect(await refused(bytes), `bit at ${at}`).not.toBe("taken");
    }
  });

  test("of a newer version says that the relay must be updated", async () => {
    const newer = Buffer.concat([
      Buffer.from(file.subarray(0, head()).toString().replace('"version":1', '"version":2')),
      file.subarray(head()),
    ]);
    expect(await refused(newer)).toMatch(/version 2.*up to 1: update/);
  });

  test("that is sanitised holds no secret, and brings none over those of the target", async () => {
    const sanitised = await write(source.env, true);
    const search = async (bytes: Buffer) => {
      let text = "";
      for await (const part of unlock(opened(bytes)(), passphrase)) text += part.toString();
      return [...secrets, "JBSWY3DPEHPK3PXP", "scrypt$", '"s1.'].filter((secret) => text.includes(secret));
    };
    // The search can find them: all are in the whole file, but none as it was sealed.
    expect(await search(file)).toEqual([...secrets, "JBSWY3DPEHPK3PXP", "scrypt$"]);
    expect(await search(sanitised)).toEqual([]);
    const plan = await importBackup(opened(sanitised), passphrase, source.env);
    expect(plan.sanitised).toBe(true);
    expect(await look(source)).toEqual(wanted);
  });
});

test("a token that was renewed since is not replaced by the one of the file", async () => {
  const target = await startRig();
  await importBackup(opened(file), passphrase, target.env);
  const oauth = { kind: "oauth", accessToken: "newer", refreshToken: "newer" } as const;
  await target.addAccount({ id: "second", kind: "claude", credentialExpiresAt: 6_000 }, oauth);
  await importBackup(opened(file), passphrase, target.env);
  const second = (await readPool(target.env)).accountById.get("second");
  expect(second && openCredential(second, target.env)).toEqual(oauth);
  await target.stop();
});

test("the command exports, shows the plan, and imports only after a yes", async () => {
  const directory = mkdtempSync(join(tmpdir(), "relay-move-"));
  const said: string[] = [];
  const terminal = (answer: boolean): Terminal => ({
    environment: { ...testEnvironment, CLAUDE_RELAY_PASSPHRASE: passphrase },
    say: (line) => void said.push(line),
    askSecret: () => Promise.resolve(undefined),
    isYes: () => Promise.resolve(answer),
  });
  const [from, to, out] = ["from", "to", "relay.backup"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  const store = await openStore({ prefix: "", dataDir: from }, Date.now);
  const rig = await startRig({ store });
  await fill(rig);
  await rig.stop();
  await store.close();
  expect(await cli(["export", "--store", from, "--out", out], terminal(true))).toBe(0);
  expect(readFileSync(out).subarray(0, 40).toString()).toContain("claude-relay-backup");
  expect(await cli(["import", out, "--store", to], terminal(false))).toBe(1);
  expect(said.join("\n")).toMatch(/keys +2 +0 +0\n[^]*Nothing was changed/);
  expect(await cli(["import", out, "--store", to, "--yes"], terminal(false))).toBe(0);
  said.length = 0;
  expect(await cli(["import", out, "--store", to, "--dry-run"], terminal(false))).toBe(0);
  expect(said.join("\n")).toMatch(/keys +0 +2 +0/);
  writeFileSync(out, "something else\n");
  expect(await cli(["import", out, "--store", to], terminal(true))).toBe(1);
  expect(said.at(-1)).toMatch(/no backup/);
  expect(await cli(["import", "--passphrase", "x"], terminal(true))).toBe(2);
  rmSync(directory, { recursive: true, force: true });
});
