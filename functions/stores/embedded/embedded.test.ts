import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runStoreProcess } from "../../../test/redis/stores.ts";
import { Failure } from "../../failure.ts";
import { openEmbedded } from "./embedded.ts";
import type { Store } from "../store.ts";

describe("embedded", () => {
  let root: string;
  let directory: string;
  let store: Store;
  let clock: number;
  const now = (): number => clock;
  const reopen = async (): Promise<void> => {
    await store.close();
    store = openEmbedded({ directory }, now);
  };
  const one = (row: string, by = 1) => ({ row, steps: [{ cell: 0, by }] });
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "relay-embedded-"));
    directory = join(root, "deep", "data");
    clock = 1_800_000_000_000;
    store = openEmbedded({ directory }, now);
  });
  afterEach(async () => {
    await store.close();
    rmSync(root, { recursive: true, force: true });
  });
  /** The file as it is, seen by another program once the store is closed. */
  const rowsOf = (table: string): number => {
    const file = new DatabaseSync(join(directory, "relay.db"));
    const row = file.prepare(`SELECT count(*) AS rows FROM ${table}`).get();
    file.close();
    return Number(row?.["rows"]);
  };

  test("everything is there after a restart, times to live included", async () => {
    await store.write("a", "1", { ttlSeconds: 10 });
    await store.put("t", { f: "1" });
    await store.count([one("m", 7)]);
    const id = await store.append("l", "e");
    await reopen();
    expect(await store.read(["a"])).toEqual(["1"]);
    expect(await store.list("t")).toEqual({ f: "1" });
    expect(await store.count([one("m", 0)])).toEqual([[7]]);
    expect(await store.readLog("l", "0", 9)).toEqual([{ id, entry: "e" }]);
    clock += 10_000;
    expect(await store.read(["a"])).toEqual([undefined]);
  });

  test.each([
    ["an inner page", (file: Buffer) => file.fill(0xa5, 3 * 4_096, 4 * 4_096)],
    ["every page after the first", (file: Buffer) => file.fill(0xa5, 4_096)],
    ["the head", (file: Buffer) => file.fill(0xa5, 0, 100)],
    ["everything", (file: Buffer) => file.fill("no database at all")],
  ])("a file of which %s is damaged is refused with what to do", async (_what, harm) => {
    for (let index = 0; index < 200; index += 1) await store.put(`t${index % 7}`, { [`f${index}`]: "x".repeat(500) });
    await store.close();
    const path = join(directory, "relay.db");
    const file = readFileSync(path);
    harm(file);
    writeFileSync(path, file);
    const open = () => openEmbedded({ directory }, now);
    expect(open).toThrow(
      /^The data file .*relay\.db is damaged \(.+\)\. Move it .* import your last backup, .*\.recover/,
    );
    expect(open).toThrow(Failure);
    rmSync(directory, { recursive: true });
    store = open();
  });

  test("a time to live is exact to the millisecond of the clock", async () => {
    await store.write("a", "1", { ttlSeconds: 1.5 });
    clock += 1499;
    expect(await store.read(["a"])).toEqual(["1"]);
    clock += 1;
    expect(await store.read(["a"])).toEqual([undefined]);
  });

  test("a killed process has lost nothing that was promised, and its lock is gone with it", async () => {
    await store.close();
    const options = { prefix: "", dataDir: directory };
    const { out } = await runStoreProcess(options, ["append"], (lines) => lines.split("\n").length > 200);
    const promised = out.slice(0, out.lastIndexOf("\n")).split("\n");
    store = openEmbedded({ directory }, now);
    const kept = (await store.readLog("endless", "0", 1_000_000)).map(({ entry }) => entry);
    expect(kept.length).toBeGreaterThanOrEqual(promised.length);
    expect(kept.slice(0, promised.length)).toEqual(promised);
  });

  test("a process that is killed in the turn in which calls end has lost none of them, and none counts twice", async () => {
    await store.close();
    const settle = () => runStoreProcess({ prefix: "", dataDir: directory }, ["settle", "20"]);
    const read = async () => [
      (await store.readLog("settled", "0", 1_000)).length,
      ...(await store.count([one("settled", 0)])),
      ...(await store.count([{ row: "settled", steps: [{ cell: 1, by: 0 }] }])),
    ];
    await settle();
    appendFileSync(join(directory, "relay.journal"), '\n[61,{"rows":[{"ro');
    await settle();
    store = openEmbedded({ directory }, now);
    expect(await read()).toEqual([40, [40], [40]]);
    await reopen();
    expect(await read()).toEqual([40, [40], [40]]);
    expect(statSync(join(directory, "relay.journal"))).toMatchObject({ size: 0 });
  });

  test("ids ascend though the clock stands still, goes back, and the process restarts after a trim", async () => {
    const ids = [await store.append("l", "0"), await store.append("l", "1")];
    clock -= 5000;
    ids.push(await store.append("l", "2"));
    await store.trimLog("l", ids[2] ?? "");
    await reopen();
    const last = await store.append("l", "3");
    expect([...ids, last]).toEqual(["1800000000000-0", "1800000000000-1", "1800000000000-2", "1800000000000-3"]);
    expect(await store.readLog("l", ids[2] ?? "", 9)).toEqual([{ id: last, entry: "3" }]);
  });

  test("what has expired leaves the file at the close, and while the store is busy", async () => {
    for (const name of ["a", "b", "c"]) await store.write(name, "1", { ttlSeconds: 1 });
    await store.count([one("m")]);
    await store.expire("m", 1);
    clock += 1000;
    await Promise.all(Array.from({ length: 2000 }, () => store.append("l", "e")));
    await store.close();
    expect([rowsOf("value"), rowsOf("meter"), rowsOf("expiry"), rowsOf("entry")]).toEqual([0, 0, 0, 2000]);
    store = openEmbedded({ directory }, now);
    await store.write("d", "1", { ttlSeconds: 1 });
    clock += 1000;
    await store.close();
    expect([rowsOf("value"), rowsOf("expiry")]).toEqual([0, 0]);
  });

  test("counts stand while the disk takes nothing, and are written when it does; meanwhile the store tells of it", async () => {
    const file = new DatabaseSync(join(directory, "relay.db"), { timeout: 0 });
    expect(() => file.exec("SELECT 1 FROM meter")).toThrow();
    file.close();
    await store.close();
    const blocked = new DatabaseSync(join(directory, "relay.db"));
    blocked.exec(
      "CREATE TRIGGER full BEFORE INSERT ON entry WHEN NEW.entry = 'full' BEGIN SELECT raise(ABORT, 'disk full'); END",
    );
    blocked.close();
    store = openEmbedded({ directory }, now);
    await store.count([one("m", 1), one("lapsed", 9)]);
    await store.expire("lapsed", 1);
    clock += 2_000;
    for (let calls = 0; calls < 5; calls += 1) {
      const [total, lapsed] = await store.count([one("m", 1), one("lapsed", 1)]);
      expect([total?.[0], lapsed?.[0]]).toEqual([calls + 2, calls + 1]);
      await expect(store.append("l", "full")).rejects.toMatchObject({ code: "store.unavailable" });
      expect(store.trouble?.()).toContain("disk full");
    }
    await store.append("l", "fits");
    expect(store.trouble?.()).toBeUndefined();
    await reopen();
    expect(await store.count([one("m", 0), one("lapsed", 0)])).toEqual([[6], [5]]);
  });

  test("a call that SQLite refuses undoes its tick, tells every caller of it, and the next tick works", async () => {
    await store.append("l", "before");
    await store.put("t", { f: "1" });
    await store.close();
    const file = new DatabaseSync(join(directory, "relay.db"));
    file.exec(
      "CREATE TRIGGER full BEFORE INSERT ON entry WHEN NEW.entry = 'full' BEGIN SELECT raise(ABORT, 'full'); END",
    );
    file.close();
    store = openEmbedded({ directory }, now);
    const tick = await Promise.allSettled([
      store.count([one("m")]),
      store.expire("t", 60),
      store.append("l", "good"),
      store.append("l", "full"),
    ]);
    const failure = { status: "rejected", reason: { code: "store.unavailable" } };
    // A count is answered before its commit, and stands: it is written with the next one.
    expect(tick).toMatchObject([{ status: "fulfilled" }, failure, failure, failure]);
    expect(await store.count([one("m")])).toEqual([[2]]);
    clock += 60_000;
    expect(await store.list("t")).toEqual({ f: "1" });
    await store.append("l", "after");
    expect((await store.readLog("l", "0", 9)).map(({ entry }) => entry)).toEqual(["before", "after"]);
  });

  test("the file and its directory are for this user only", () => {
    expect(statSync(join(directory, "relay.db")).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  test("a directory that cannot be made is named, with what to check", () => {
    writeFileSync(join(root, "taken"), "");
    const open = (): Store => openEmbedded({ directory: join(root, "taken", "data") }, now);
    expect(open).toThrow(/relay\.db cannot be opened .*DATA_DIR/);
  });

  test("a file that is no database is refused and left as it is", async () => {
    await store.close();
    writeFileSync(join(directory, "relay.db"), "a text that is long enough to be looked at. ".repeat(100));
    const size = statSync(join(directory, "relay.db")).size;
    expect(() => openEmbedded({ directory }, now)).toThrow(/not a database/);
    expect(statSync(join(directory, "relay.db")).size).toBe(size);
  });

  test("a file of the first version is taken over with its log, in order", async () => {
    const ids = [await store.append("log", "one"), await store.append("log", "two")];
    await store.close();
    const file = new DatabaseSync(join(directory, "relay.db"));
    file.exec(`
      CREATE TABLE old (name TEXT, ms INTEGER, seq INTEGER, entry TEXT NOT NULL, PRIMARY KEY (name, ms, seq)) WITHOUT ROWID;
      INSERT INTO old SELECT * FROM entry; DROP TABLE entry; ALTER TABLE old RENAME TO entry; PRAGMA user_version = 1;
    `);
    file.close();
    store = openEmbedded({ directory }, now);
    ids.push(await store.append("log", "three"));
    const entries = ["one", "two", "three"].map((entry, index) => ({ id: ids[index], entry }));
    expect(await store.readLog("log", "0", 10)).toEqual(entries);
    expect(await store.readLogBackwards("log", "+", 1)).toEqual(entries.slice(2));
  });

  test("a file of a newer relay is refused", async () => {
    await store.close();
    const file = new DatabaseSync(join(directory, "relay.db"));
    file.exec("PRAGMA user_version = 99");
    file.close();
    expect(() => openEmbedded({ directory }, now)).toThrow(/newer version/);
  });
});
