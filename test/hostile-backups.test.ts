import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportBackup } from "../functions/operations/backup/export.ts";
import { lock } from "../functions/operations/backup/encryption.ts";
import { importBackup, planImport, type OpenFile } from "../functions/operations/backup/import.ts";
import { buildEvent } from "./usage.ts";
import { startRig, type Rig } from "./rig.ts";

/** A backup is made by whoever knows its passphrase: they may have written anything into it. */
const passphrase = "correct horse battery staple";
const about = { kind: "about", sanitised: false, zone: { TIMEZONE_OFFSET: 8 } };
const id = "0123456789abcdef0123456789abcdef";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

const opened = (bytes: Buffer): OpenFile =>
  async function* () {
    yield await Promise.resolve(bytes);
  };

async function make(source: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<OpenFile> {
  const parts: Buffer[] = [];
  const plain = (async function* () {
    yield* source;
  })();
  for await (const part of lock(plain, passphrase, { createdAt: 0, sanitised: false })) parts.push(part);
  return opened(Buffer.concat(parts));
}

const lines = (...all: readonly object[]) => make(all.map((line) => Buffer.from(`${JSON.stringify(line)}\n`)));

const refusal = (file: OpenFile) =>
  importBackup(file, passphrase, rig.env).then(
    () => "taken",
    (error: Error) => error.message,
  );

const inTable = (kind: string, table: string, fields: object, more: object = {}) => ({ kind, table, fields, ...more });
const asJson = (values: object) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]));
const event = (change: object) => ({ kind: "events", entry: JSON.stringify({ ...buildEvent({}), ...change }) });
const password = (stored: string) => ({
  ...{ kind: "admin", name: "admin/password", isSealed: false },
  value: JSON.stringify({ password: stored, generation: "g", changedAt: 1 }),
});

describe("a line", () => {
  test.each([
    ["that is no JSON object", 5 as unknown as object],
    ["of an unknown kind", { kind: "script", value: "x" }],
    ["with a property that no backup has", { ...about, more: 1 }],
    ["that writes a kind into another's table", inTable("groups", "keys", asJson({ [`${id}/name`]: "x" }))],
    ["that writes accounts over the cooldowns", inTable("accounts", "pool", asJson({ "cooldown/a/account": {} }))],
    ["that writes a table of the relay's own", inTable("usage", "admin/sessions", asJson({ x: {} }))],
    ["that writes another table of the operator", inTable("admin", "admin/revoked", asJson({ x: {} }))],
    ["that moves the rollup's cursor", { kind: "admin", name: "usage/cursor", value: "{}", isSealed: false }],
    ["that takes a lease", { kind: "admin", name: "lease/rollup", value: "x", isSealed: false }],
    ["with the pool's version", inTable("keys", "keys", asJson({ "@pool": "x" }))],
    ["with a key that has no such column", inTable("keys", "keys", asJson({ [`${id}/constructor`]: "x" }))],
    ["with a key whose column is of another form", inTable("keys", "keys", asJson({ [`${id}/tags`]: 5 }))],
    ["with a key whose value is no JSON", inTable("keys", "keys", { [`${id}/name`]: "{" })],
    ["with an account whose list is none", inTable("accounts", "pool", asJson({ "account/a/models": { a: 1 } }))],
    ["with a plain credential", inTable("accounts", "pool", asJson({ "account/a/credential": "sk" }))],
    ["that seals what is not secret", inTable("accounts", "pool", {}, { sealed: { "account/a/name": "x" } })],
    ["that seals another setting", inTable("settings", "pool", {}, { sealed: { "setting/retention": "x" } })],
    ["with a setting that there is not", inTable("settings", "pool", asJson({ "setting/startup": "x" }))],
    ["with channels that are none", inTable("settings", "pool", asJson({ "setting/alerts": { channels: 5 } }))],
    ["with a price that is no number", inTable("prices", "pool", asJson({ "price/m": { inputPicos: "1" } }))],
    ["with a mark of the rollup", inTable("usage", "usage/total", asJson({ "@": [1] }))],
    ["with figures below zero", inTable("usage", "usage/day/2026-11-30", asJson({ [`k|${id}`]: [-1] }))],
    ["with details that are none", inTable("usage", "usage/detail/2026-11-30", asJson({ [id]: [1] }))],
    ["with a meter of another name", { kind: "meters", row: "lease/x", cells: [[0, 1]], ttlSeconds: 0 }],
    ["with a meter's reservations", { kind: "meters", row: `meter/${id}/2026-11-30`, cells: [[24, 1]], ttlSeconds: 0 }],
    ["with a meter below zero", { kind: "meters", row: `meter/${id}/2026-11-30`, cells: [[2, -1]], ttlSeconds: 0 }],
    ["with a call without a model of its own form", event({ model: 5 })],
    ["with a call whose attempts are none", event({ attempts: 5 })],
    ["with a call without an id", event({ id: "" })],
    ["with an audit entry that is none", { kind: "audit", entry: "[]" }],
    ["with an end of the audit log that is none", { kind: "audit-head", value: '{"number":"1"}' }],
    ["with a password that costs minutes to check", password("scrypt$1048576$16$16$c2FsdA$aGFzaA")],
    ["with a password that is no hash", password("plain")],
    ["with a second factor in the clear", { kind: "admin", name: "admin/second-factor", value: "{}", isSealed: false }],
  ])("%s is refused, and nothing of its file is written", async (_what, hostile) => {
    const good = inTable("groups", "pool", asJson({ "group/g": { id: "g", name: "Good" } }));
    expect(await refusal(await lines(about, good, hostile))).toMatch(/^Line 3 of the backup /);
    expect(await rig.env.store.list("pool")).toEqual({});
  });
});

test("a line that no backup has is refused before it is held, and so is what unpacks to far more than it is", async () => {
  const zeros = Buffer.alloc(1_048_576, "0");
  expect(await refusal(await make(Array.from({ length: 64 }, () => zeros)))).toMatch(/more than 4 MB/);
  const many = Buffer.from(`${JSON.stringify(about)}\n`.repeat(10_000));
  expect(await refusal(await make(Array.from({ length: 64 }, () => many)))).toMatch(/unpacks to more/);
});

test.each([
  [262_144, 16, 16],
  [1_048_576, 8, 1],
  [32_768, 8, 5],
  [2, 1, 1_000_000],
  [2, 1_000_000, 1],
])("a passphrase that costs N=%i r=%i p=%i is refused before anything is derived", async (N, r, p) => {
  const parts: Buffer[] = [];
  for await (const part of exportBackup({ passphrase, sanitised: true }, rig.env)) parts.push(part);
  const [head = "", ...rest] = Buffer.concat(parts).toString("latin1").split("\n");
  const changed = JSON.parse(head) as { kdf: object };
  changed.kdf = { ...changed.kdf, N, r, p };
  const file = Buffer.from([JSON.stringify(changed), ...rest].join("\n"), "latin1");
  await expect(planImport(opened(file), passphrase, rig.env)).rejects.toThrow(/more work on its passphrase/);
});
