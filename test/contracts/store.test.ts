import { setTimeout } from "node:timers/promises";
import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Fold, Store } from "../../functions/stores/store.ts";
import type { RedisServer } from "../redis/server.ts";
import { type Subject, runStoreProcess, subjects } from "../redis/stores.ts";

const kinds = Object.keys(subjects) as (keyof typeof subjects)[];

describe.each(kinds)("store %s", (kind) => {
  let subject: Subject;
  let store: Store;
  let round = 0;
  /** Names of their own for each test: the data is not wiped between them. */
  const own = (name: string): string => `${name}:${round}`;
  beforeAll(async () => {
    subject = await subjects[kind]();
    store = await subject.open();
  }, 180_000);
  beforeEach(() => void (round += 1));
  afterAll(async () => {
    await store.close();
    await subject.stop();
  });

  test("says what it is", async () => {
    expect(store.kind).toBe(kind);
    await store.ping();
  });

  describe("what is recorded once for a name", () => {
    const row = (by: number) => ({ row: own("m"), steps: [{ cell: 0, by }] });
    const other = (by: number) => ({
      row: own("n"),
      steps: [
        { cell: 3, by },
        { cell: 4, by: 2 * by },
      ],
    });
    const read = async () => [
      await store.count([row(0), other(0)]),
      (await store.readLog(own("l"), "0", 9)).map(({ entry }) => entry),
    ];

    test("is counted and appended together, and not again", async () => {
      const entry = { log: own("l"), entry: '{"a":"中文"}' };
      expect(await store.record(own("once"), [row(5), other(-3)], entry)).toBe(true);
      expect(await store.record(own("once"), [row(5), other(-3)], entry)).toBe(false);
      expect(await read()).toEqual([[[5], [-3, -6]], ['{"a":"中文"}']]);
    });

    test("may be rows alone", async () => {
      expect(await store.record(own("rows"), [row(1)])).toBe(true);
      expect(await store.record(own("rows"), [row(1)])).toBe(false);
      expect(await read()).toEqual([[[1], [0, 0]], []]);
    });
  });

  test("a cell that is put answers what it held, and takes part in the row's order", async () => {
    const put = (by: number) => ({ cell: 1, by, isPut: true as const });
    const steps = [put(7), { cell: 1, by: 1 }, put(3), put(3)];
    expect(await store.count([{ row: own("m"), steps }])).toEqual([[0, 8, 8, 3]]);
    expect(await store.count([{ row: own("m"), steps: [put(0), { cell: 1, by: 0 }] }])).toEqual([[3, 0]]);
  });

  describe("values", () => {
    test("come back as they were written, in the order asked, and absent ones are undefined", async () => {
      await store.write(own("a"), "1");
      await store.write(own("b"), "");
      expect(await store.read([own("b"), own("none"), own("a"), own("a")])).toEqual(["", undefined, "1", "1"]);
    });

    test("are overwritten, and removed many at once", async () => {
      await store.write(own("a"), "1");
      await store.write(own("a"), "2");
      expect(await store.read([own("a")])).toEqual(["2"]);
      await store.write(own("b"), "3");
      await store.remove([own("a"), own("none"), own("b")]);
      expect(await store.read([own("a"), own("b")])).toEqual([undefined, undefined]);
    });

    test.each([
      ["an emoji and Chinese", "🚀 中文"],
      ["a NUL in the middle", "a\u0000b"],
      ["only a NUL", "\u0000"],
      ["line ends and quotes", 'a\r\nb"c\\d\u2028'],
      ["a word that Redis answers by itself", "OK"],
      ["a number that JavaScript would round", "9007199254740993"],
      ["what looks like JSON", '{"a":1}'],
      ["bytes that are no UTF-8, as base64", Buffer.from([0xff, 0xfe, 0x00, 0x80]).toString("base64")],
      ["a megabyte", "é".repeat(500_000)],
    ])("%s survives as a value, a name, a field and an entry", async (_what, text) => {
      const name = own(text.slice(0, 100));
      await store.write(name, text);
      expect(await store.read([name])).toEqual([text]);
      await store.put(own("t"), { [text.slice(0, 100)]: text });
      expect(await store.list(own("t"))).toEqual({ [text.slice(0, 100)]: text });
      const id = await store.append(own("l"), text);
      expect(await store.readLog(own("l"), "0", 10)).toEqual([{ id, entry: text }]);
    });

    test("a lone surrogate is refused everywhere, and nothing is written", async () => {
      const bad = "a\ud800b";
      await expect(store.write(own("a"), bad)).rejects.toThrow(TypeError);
      await expect(store.write(bad, "a")).rejects.toThrow(TypeError);
      await expect(store.put(own("t"), { good: "1", field: bad })).rejects.toThrow(TypeError);
      await expect(store.append(own("l"), bad)).rejects.toThrow(TypeError);
      const fold = { cursor: own("c"), expected: undefined, next: "1", tables: { [own("t")]: { good: "1", f: bad } } };
      await expect(store.fold(fold)).rejects.toThrow(TypeError);
      expect(await store.read([own("a"), own("c")])).toEqual([undefined, undefined]);
      expect(await store.list(own("t"))).toEqual({});
      expect(await store.readLog(own("l"), "0", 10)).toEqual([]);
    });
  });

  describe("times to live", () => {
    test("a value lives until its time and is gone after", async () => {
      await store.write(own("long"), "1", { ttlSeconds: 60 });
      await store.write(own("short"), "1", { ttlSeconds: 0.05 });
      await subject.pass(50);
      expect(await store.read([own("long"), own("short")])).toEqual(["1", undefined]);
    });

    test("a plain write takes a time to live away", async () => {
      await store.write(own("a"), "1", { ttlSeconds: 0.05 });
      await store.write(own("a"), "2");
      await subject.pass(50);
      expect(await store.read([own("a")])).toEqual(["2"]);
    });

    test("an expired value is absent for only-if-absent, for a lease and for a cursor", async () => {
      for (const name of ["a", "b", "c"]) await store.write(own(name), "old", { ttlSeconds: 0.05 });
      await subject.pass(50);
      expect(await store.write(own("a"), "new", { onlyIfAbsent: true })).toBe(true);
      expect(await store.removeIf(own("b"), "old")).toBe(false);
      expect(await store.fold({ cursor: own("c"), expected: "old", next: "1", tables: {} })).toBe(false);
      expect(await store.fold({ cursor: own("c"), expected: undefined, next: "1", tables: {} })).toBe(true);
      expect(await store.read([own("a"), own("b"), own("c")])).toEqual(["new", undefined, "1"]);
    });

    test("expire ends tables, rows, values and logs, and they start anew", async () => {
      const fill = async (): Promise<unknown> => {
        await store.write(own("v"), "1");
        await store.put(own("t"), { a: "1" });
        await store.append(own("l"), "1");
        return store.count([{ row: own("m"), steps: [{ cell: 3, by: 5 }] }]);
      };
      expect(await fill()).toEqual([[5]]);
      for (const name of ["v", "t", "l", "m"]) await store.expire(own(name), 0.05);
      await subject.pass(50);
      expect(await store.read([own("v")])).toEqual([undefined]);
      expect(await store.list(own("t"))).toEqual({});
      expect(await store.find(own("t"), ["a"])).toEqual([undefined]);
      expect(await store.readLog(own("l"), "0", 9)).toEqual([]);
      expect(await store.readLogBackwards(own("l"), "+", 9)).toEqual([]);
      expect(await store.count([{ row: own("m"), steps: [{ cell: 3, by: 0 }] }])).toEqual([[0]]);
      expect(await fill()).toEqual([[5]]);
      expect(await store.list(own("t"))).toEqual({ a: "1" });
      await subject.pass(50);
      expect(await store.list(own("t"))).toEqual({ a: "1" });
    });

    test("expire of what is not there leaves a later one alone; counting and putting keep a time to live", async () => {
      await store.expire(own("m"), 0.05);
      await store.count([{ row: own("m"), steps: [{ cell: 0, by: 1 }] }]);
      await store.put(own("t"), { a: "1" });
      await store.expire(own("t"), 0.05);
      await store.put(own("t"), { b: "2" });
      await subject.pass(50);
      expect(await store.count([{ row: own("m"), steps: [{ cell: 0, by: 0 }] }])).toEqual([[1]]);
      expect(await store.list(own("t"))).toEqual({});
    });

    test("a time to live that is past is the shortest one, and one that is no number is refused", async () => {
      await store.write(own("a"), "1", { ttlSeconds: -1 });
      await subject.pass(1);
      expect(await store.read([own("a")])).toEqual([undefined]);
      await expect(store.write(own("a"), "1", { ttlSeconds: NaN })).rejects.toThrow(RangeError);
      await expect(store.expire(own("a"), Infinity)).rejects.toThrow(RangeError);
    });
  });

  describe("only if absent", () => {
    test("of many racing writers one wins, and its value stays", async () => {
      const writers = Array.from({ length: 50 }, (_, index) => String(index));
      const wins = await Promise.all(
        writers.map((writer) => store.write(own("lease"), writer, { onlyIfAbsent: true, ttlSeconds: 60 })),
      );
      expect(wins.filter(Boolean)).toHaveLength(1);
      expect(await store.read([own("lease")])).toEqual([writers[wins.indexOf(true)]]);
    });

    test("a lease is given back only by who holds it", async () => {
      await store.write(own("lease"), "mine");
      expect(await store.removeIf(own("lease"), "theirs")).toBe(false);
      expect(await store.removeIf(own("lease"), "mine")).toBe(true);
      expect(await store.removeIf(own("lease"), "mine")).toBe(false);
      expect(await store.read([own("lease")])).toEqual([undefined]);
    });
  });

  describe("tables", () => {
    test("a put changes its fields and leaves the others alone; a drop takes its fields only", async () => {
      await store.put(own("t"), { a: "1", b: "2" });
      await store.put(own("t"), { b: "3", c: "" });
      expect(await store.list(own("t"))).toEqual({ a: "1", b: "3", c: "" });
      await store.drop(own("t"), ["a", "none"]);
      expect(await store.find(own("t"), ["c", "a", "b"])).toEqual(["", undefined, "3"]);
    });

    test("fields named like an object's own machinery are fields", async () => {
      const odd = Object.fromEntries([
        ["__proto__", "1"],
        ["constructor", "2"],
        ["7", "3"],
      ]);
      await store.put(own("t"), odd);
      expect(Object.entries(await store.list(own("t"))).sort()).toEqual(Object.entries(odd).sort());
    });

    test("many tables are listed in the order asked, absent ones empty", async () => {
      await store.put(own("t1"), { a: "1" });
      await store.put(own("t2"), { b: "2" });
      const lists = await store.listMany([own("t2"), own("none"), own("t1"), own("t2")]);
      expect(lists).toEqual([{ b: "2" }, {}, { a: "1" }, { b: "2" }]);
    });

    test("a table of 10,000 fields is put, listed, found in and removed", async () => {
      const fields = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`f${index}`, `v${index}`]));
      await store.put(own("t"), fields);
      expect(await store.list(own("t"))).toEqual(fields);
      expect(await store.find(own("t"), ["f9999", "f0"])).toEqual(["v9999", "v0"]);
      await store.remove([own("t")]);
      expect(await store.list(own("t"))).toEqual({});
    });
  });

  test("empty lists ask for nothing and answer empty", async () => {
    await store.put(own("t"), { a: "1" });
    expect(await store.read([])).toEqual([]);
    expect(await store.find(own("t"), [])).toEqual([]);
    expect(await store.listMany([])).toEqual([]);
    expect(await store.count([])).toEqual([]);
    await store.remove([]);
    await store.drop(own("t"), []);
    await store.put(own("t"), {});
    expect(await store.list(own("t"))).toEqual({ a: "1" });
    const one = { row: own("m"), steps: [{ cell: 0, by: 1 }] };
    expect(await store.count([{ row: own("m"), steps: [] }, one, { row: own("n"), steps: [] }])).toEqual([[], [1], []]);
  });

  describe("meters", () => {
    test("cells start at 0, steps apply in order, and each answers the new value", async () => {
      const steps = [
        { cell: 2, by: 5 },
        { cell: 0, by: 0 },
        { cell: 2, by: -7 },
        { cell: 2, by: 0 },
      ];
      expect(await store.count([{ row: own("m"), steps }])).toEqual([[5, 0, -2, -2]]);
      expect(await store.count([{ row: own("m"), steps: [{ cell: 1, by: 0 }] }])).toEqual([[0]]);
    });

    test("rows of one call are separate, and a row may come twice", async () => {
      const add = (row: string, by: number) => ({ row: own(row), steps: [{ cell: 0, by }] });
      expect(await store.count([add("m", 1), add("n", 10), add("m", 100)])).toEqual([[1], [10], [101]]);
    });

    test("what nobody waits for keeps its place among what somebody does, and leaves by itself", async () => {
      const add = (by: number) => [{ row: own("m"), steps: [{ cell: 0, by }] }];
      const patient = [store.countLater(add(1)), store.append(own("log"), "one")] as const;
      expect(await store.count(add(10))).toEqual([[11]]);
      expect(await patient[0]).toEqual([[1]]);
      expect((await store.readLog(own("log"), "0", 10)).map(({ entry }) => entry)).toEqual(["one"]);
      expect(await store.countLater(add(100))).toEqual([[111]]);
    });

    test("totals are exact to 53 bits, both ways", async () => {
      // The RESP parser of the Redis client rounds the last 48 integers below 2^53.
      const most = 2 ** 53 - 49;
      const step = async (by: number): Promise<unknown> => store.count([{ row: own("m"), steps: [{ cell: 9, by }] }]);
      expect(await step(most - 1)).toEqual([[most - 1]]);
      expect(await step(1)).toEqual([[most]]);
      expect(await step(-most)).toEqual([[0]]);
      expect(await step(-most)).toEqual([[-most]]);
    });

    test.each([
      ["a fraction", { cell: 0, by: 0.5 }],
      ["more than 53 bits", { cell: 0, by: 2 ** 53 }],
      ["no number", { cell: 0, by: NaN }],
      ["a negative cell", { cell: -1, by: 1 }],
      ["a cell that would lay out megabytes", { cell: 1_000_000, by: 1 }],
    ])("%s is refused, and the rest of the call is not applied", async (_what, step) => {
      const good = { cell: 0, by: 1 };
      await expect(
        store.count([
          { row: own("m"), steps: [good] },
          { row: own("n"), steps: [step] },
        ]),
      ).rejects.toThrow(RangeError);
      expect(await store.count([{ row: own("m"), steps: [{ cell: 0, by: 0 }] }])).toEqual([[0]]);
    });

    test("a thousand adders at once lose nothing and see every total once", async () => {
      const one = [{ row: own("m"), steps: [{ cell: 0, by: 1 }] }];
      const totals = await Promise.all(Array.from({ length: 1000 }, () => store.count(one)));
      expect(new Set(totals.map((rows) => rows[0]?.[0])).size).toBe(1000);
      expect(Math.max(...totals.map((rows) => rows[0]?.[0] ?? 0))).toBe(1000);
    });
  });

  test("calls of one tick are executed in the order they were made", async () => {
    const read = (): Promise<unknown> => store.read([own("a")]);
    const answers = await Promise.all([
      read(),
      store.write(own("a"), "1"),
      read(),
      store.write(own("a"), "2", { onlyIfAbsent: true }),
      store.write(own("a"), "3"),
      read(),
      store.fold({ cursor: own("a"), expected: "3", next: "4", tables: { [own("t")]: { a: "1" } } }),
      read(),
      store.list(own("t")),
      store.remove([own("a")]),
      read(),
      store.listMany([own("t"), own("u")]),
      store.put(own("u"), { b: "1" }),
      store.listMany([own("t"), own("u")]),
    ]);
    expect(answers.filter((_, index) => [0, 2, 5, 7, 10].includes(index)).flat()).toEqual([
      undefined,
      "1",
      "3",
      "4",
      undefined,
    ]);
    expect([answers[3], answers[6], answers[8]]).toEqual([false, true, { a: "1" }]);
    expect([answers[11], answers[13]]).toEqual([
      [{ a: "1" }, {}],
      [{ a: "1" }, { b: "1" }],
    ]);
  });

  describe("logs", () => {
    const fill = async (entries: number): Promise<string[]> =>
      Promise.all(Array.from({ length: entries }, (_, index) => store.append(own("l"), `e${index}`)));

    test("pages forwards and backwards meet every entry once, in order", async () => {
      const ids = await fill(25);
      const forwards: string[] = [];
      for (let at = "0"; ;) {
        const page = await store.readLog(own("l"), at, 10);
        forwards.push(...page.map(({ entry }) => entry));
        if (page.length < 10) break;
        at = page.at(-1)?.id ?? "";
      }
      expect(forwards).toEqual(ids.map((_, index) => `e${index}`));
      const [newest, middle] = [
        await store.readLogBackwards(own("l"), "+", 10),
        await store.readLogBackwards(own("l"), ids[15] ?? "", 100),
      ];
      expect(newest.map(({ id }) => id)).toEqual(ids.slice(15).reverse());
      expect(middle.map(({ id }) => id)).toEqual(ids.slice(0, 15).reverse());
    });

    test("the ends are open: nothing after the last, before the first, in no entries, in no log", async () => {
      const ids = await fill(3);
      expect(await store.readLog(own("l"), ids[2] ?? "", 10)).toEqual([]);
      expect(await store.readLogBackwards(own("l"), ids[0] ?? "", 10)).toEqual([]);
      expect(await store.readLogBackwards(own("l"), "0", 10)).toEqual([]);
      expect(await store.readLog(own("l"), "0", 0)).toEqual([]);
      expect(await store.readLogBackwards(own("l"), "+", 0)).toEqual([]);
      expect(await store.readLog(own("none"), "0", 10)).toEqual([]);
      expect(await store.readLog(own("l"), "18446744073709551615-18446744073709551615", 10)).toEqual([]);
    });

    test("a trim drops up to and including its id, and ids go on ascending after all are gone", async () => {
      const ids = await fill(5);
      await store.trimLog(own("l"), ids[1] ?? "");
      expect((await store.readLog(own("l"), "0", 10)).map(({ id }) => id)).toEqual(ids.slice(2));
      await store.trimLog(own("l"), ids[4] ?? "");
      expect(await store.readLog(own("l"), "0", 10)).toEqual([]);
      const next = await store.append(own("l"), "next");
      expect(await store.readLog(own("l"), ids[4] ?? "", 10)).toEqual([{ id: next, entry: "next" }]);
      await store.trimLog(own("none"), "5-18446744073709551615");
    });

    test.each(["", "-", "abc", "1-2-3", "(5", "99999999999999999999"])("the id %j is refused", async (id) => {
      await expect(store.readLog(own("l"), id, 1)).rejects.toThrow(RangeError);
      await expect(store.readLogBackwards(own("l"), id, 1)).rejects.toThrow(RangeError);
      await expect(store.trimLog(own("l"), id)).rejects.toThrow(RangeError);
      await expect(store.readLog(own("l"), "0", -1)).rejects.toThrow(RangeError);
    });
  });

  describe("fold", () => {
    test("puts all tables and the cursor at once when the cursor is as expected", async () => {
      await store.put(own("day"), { kept: "1", changed: "1" });
      const tables: Fold["tables"] = {
        [own("day")]: { changed: "2" },
        [own("other")]: { a: "1", b: "2" },
        [own("empty")]: {},
      };
      expect(await store.fold({ cursor: own("c"), expected: undefined, next: "5-0", tables })).toBe(true);
      expect(await store.read([own("c")])).toEqual(["5-0"]);
      const after = await store.listMany([own("day"), own("other"), own("empty")]);
      expect(after).toEqual([{ kept: "1", changed: "2" }, { a: "1", b: "2" }, {}]);
    });

    test.each([
      ["another value", "5", "4"],
      ["a value where none was expected", "5", undefined],
      ["none where a value was expected", undefined, "4"],
      ["none where the empty value was expected", undefined, ""],
      ["the empty value where none was expected", "", undefined],
    ])("changes nothing if the cursor is %s", async (_what, found, expected) => {
      if (found !== undefined) await store.write(own("c"), found);
      const tables = { [own("t")]: { a: "1" } };
      expect(await store.fold({ cursor: own("c"), expected, next: "9", tables })).toBe(false);
      expect(await store.read([own("c")])).toEqual([found]);
      expect(await store.list(own("t"))).toEqual({});
    });

    test("of two racing folds from one cursor one is done, whole", async () => {
      const fold = (mark: string) =>
        store.fold({ cursor: own("c"), expected: undefined, next: mark, tables: { [own("t")]: { [mark]: mark } } });
      const done = await Promise.all([fold("a"), fold("b"), fold("c")]);
      expect(done.filter(Boolean)).toHaveLength(1);
      const [cursor = ""] = await store.read([own("c")]);
      expect(await store.list(own("t"))).toEqual({ [cursor]: cursor });
    });

    test("carries a table of 12,001 fields", async () => {
      const fields = Object.fromEntries(Array.from({ length: 12_001 }, (_, index) => [`f${index}`, `v${index}`]));
      const tables = { [own("t")]: fields, [own("u")]: { last: "1" } };
      expect(await store.fold({ cursor: own("c"), expected: undefined, next: "1", tables })).toBe(true);
      expect(await store.listMany([own("t"), own("u")])).toEqual([fields, { last: "1" }]);
    });
  });

  describe("processes", () => {
    const prefixOf = (): string => `relay-${round}:`;

    if (kind === "embedded") {
      test("a second one is refused in words that say what to do", async () => {
        const { error } = await runStoreProcess(subject.options, ["count", "1"]);
        expect(error).toContain("is in use by another process");
        expect(error).toContain("DATA_DIR");
        await expect(subject.open()).rejects.toMatchObject({ code: "store.unavailable" });
        expect(await store.count([{ row: own("m"), steps: [{ cell: 0, by: 1 }] }])).toEqual([[1]]);
      });
    } else {
      test("two that add to one counter lose nothing and see every total once", async () => {
        const options = { ...subject.options, prefix: prefixOf() };
        const runs = await Promise.all([1, 2].map(() => runStoreProcess(options, ["count", "200"])));
        expect(runs.map(({ error }) => error)).toEqual(["", ""]);
        const totals = runs.flatMap(({ out }) => JSON.parse(out) as number[]).sort((a, b) => a - b);
        expect(totals).toEqual(Array.from({ length: 400 }, (_, index) => index + 1));
      });
    }
  });

  describe("a closed store", () => {
    let closed: Store;
    beforeEach(async () => {
      if (kind === "embedded") await store.close();
      closed = await subject.open();
      await closed.write(own("kept"), "1");
      const [row] = await Promise.all([closed.count([{ row: own("m"), steps: [{ cell: 0, by: 1 }] }]), closed.close()]);
      expect(row).toEqual([[1]]);
      if (kind === "embedded") store = await subject.open();
    });
    afterEach(() => closed.close());

    test("refuses every further call, may be closed again, and has kept what was under way", async () => {
      await closed.close();
      await expect(closed.read(["a"])).rejects.toMatchObject({ code: "store.unavailable" });
      await expect(closed.write("a", "1")).rejects.toMatchObject({ code: "store.unavailable" });
      expect(await store.read([own("kept")])).toEqual(["1"]);
      expect(await store.count([{ row: own("m"), steps: [{ cell: 0, by: 0 }] }])).toEqual([[1]]);
    });
  });
});

describe.each(["tcp", "upstash"] as const)("store %s when its server fails", (kind) => {
  let subject: Subject;
  let redis: RedisServer;
  let store: Store;
  const unavailable = { code: "store.unavailable", status: 503, isRetryable: true };
  beforeAll(async () => {
    subject = await subjects[kind]();
    if (!subject.redis) throw new Error("There is no server to fail.");
    redis = subject.redis;
    store = await subject.open();
  }, 180_000);
  afterAll(async () => {
    await store.close();
    await subject.stop();
  });

  test("a stopped server is store.unavailable for every call at once, and the store recovers by itself", async () => {
    await store.write("a", "1");
    await redis.stop();
    for (let again = 0; again < 20; again += 1) {
      await expect(store.read(["a"])).rejects.toMatchObject(unavailable);
      await expect(store.count([{ row: "m", steps: [{ cell: 0, by: 1 }] }])).rejects.toMatchObject(unavailable);
    }
    await redis.start();
    await vi.waitFor(() => store.ping(), { timeout: 10_000, interval: 20 });
    expect(await store.read(["a"])).toEqual([undefined]);
  });

  test("a lost connection is made again with the next call", async () => {
    await store.write("b", "1");
    await redis.dropConnections();
    await vi.waitFor(async () => expect(await store.read(["b"])).toEqual(["1"]), { timeout: 10_000 });
  });

  test("a store that is opened before its server runs serves as soon as it does", async () => {
    await redis.stop();
    const early = await subject.open();
    await expect(early.ping()).rejects.toMatchObject(unavailable);
    await redis.start();
    await vi.waitFor(() => early.ping(), { timeout: 10_000, interval: 20 });
    await early.close();
    await vi.waitFor(() => store.ping(), { timeout: 10_000, interval: 20 });
  });

  test("a refusal says nothing of the command's values, down to its causes", async () => {
    await store.write("text", "1");
    const refusal = await store.put("text", { field: "a-secret-value" }).then(String, (error: unknown) => error);
    expect(refusal).toMatchObject(unavailable);
    expect(inspect(refusal, { depth: 9, showHidden: true })).not.toContain("a-secret-value");
    expect(inspect(refusal)).toContain("WRONGTYPE");
  });

  test("every verb costs the billed commands that are promised, and idling costs none", async () => {
    const fold = { cursor: "c", next: "2", tables: { t: { a: "1" }, u: { b: "2" } } };
    const one = { row: "m", steps: [1, 1, 0].map((by, cell) => ({ cell, by })) };
    const verbs: [billed: number, call: () => Promise<unknown>][] = [
      [1, () => store.read(["a", "b", "c"])],
      [1, () => store.write("a", "1", { ttlSeconds: 60, onlyIfAbsent: true })],
      [3, () => store.removeIf("a", "1")],
      [2, () => store.removeIf("a", "1")],
      [1, () => store.put("t", { a: "1", b: "2" })],
      [1, () => store.list("t")],
      [1, () => store.find("t", ["a", "b"])],
      [2, () => store.listMany(["t", "u"])],
      [1, () => store.drop("t", ["a", "b"])],
      [1, () => store.count([one])],
      [3, () => store.count([one, { ...one, row: "n" }, { ...one, row: "o" }])],
      [1, () => store.expire("m", 60)],
      [1, () => store.append("l", "1")],
      [1, () => store.readLog("l", "0", 10)],
      [1, () => store.readLogBackwards("l", "+", 10)],
      [1, () => store.trimLog("l", "1")],
      [5, () => store.fold({ ...fold, expected: undefined })],
      [2, () => store.fold({ ...fold, expected: "another" })],
      [1, () => store.remove(["a", "t", "m", "l", "c"])],
      [1, () => store.ping()],
      [0, () => setTimeout(300)],
    ];
    await store.remove(["a", "t", "u", "c"]);
    const billed: number[] = [];
    for (const [, call] of verbs) {
      await redis.resetCommandCount();
      await call();
      billed.push(await redis.commandCount());
    }
    expect(billed).toEqual(verbs.map(([promised]) => promised));
  });
});
