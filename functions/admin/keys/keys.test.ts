import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Desk } from "../../../test/admin/desk.ts";
import { openDesk, written } from "../../../test/admin/desk.ts";
import { authenticate } from "../../relay/flow/authenticate.ts";
import { keyFields, keysTable } from "../../core/keys/key.ts";
import { hashSecret } from "../../core/keys/secret.ts";
import { accountFields, putPool } from "../../core/accounts/pool.ts";

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.stop());

/** What the audit log costs, once the process knows its head. */
const onRecord = ["fold", "append"];

const create = async (body: object = {}) =>
  (await desk.admin("POST", "/admin/keys", { body: { name: "one", ...body } })).body;
const list = async (query: string, on: Pick<Desk, "admin"> = desk) =>
  (await on.admin("GET", "/admin/keys", { query })).body;

const everything = {
  description: "for the build server",
  owner: "Ada",
  tags: ["ci", "team a"],
  isEnabled: true,
  expiresAt: 4_102_444_800_000,
  activeHours: 48,
  permissions: ["claude", "openai"],
  concurrency: 3,
  queueLength: 5,
  queueWaitSeconds: 30,
  windowMinutes: 60,
  windowRequests: 100,
  windowTokens: 1_000_000,
  windowCostUsd: 1.1,
  dailyCostUsd: 0.07,
  weeklyCostUsd: 12.345678901,
  weeklyFamilyCostUsd: { opus: 0.1 },
  weeklyResetDay: 7,
  weeklyResetHour: 23,
  totalCostUsd: 999_999.999999999,
  totalTokens: 9_000_000_000,
  allowedModels: ["claude-*"],
  blockedModels: ["claude-opus-4-1"],
  clients: ["claude-code"],
  ips: ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"],
  bindings: {},
  mayFallBack: true,
  aliases: { "gpt-*": "claude-sonnet-4-5" },
};

describe("making a key", () => {
  test("tells the secret once, keeps its hash only, and the key works", async () => {
    const made = await create();
    expect(made.secret).toMatch(/^cr_[0-9a-f]{64}$/);
    expect(made.prefix).toBe(made.secret.slice(0, 10));
    const [again, listed] = [await desk.admin("GET", `/admin/keys/${made.id}`), await desk.admin("GET", "/admin/keys")];
    for (const told of [again, listed]) {
      expect(told.text).not.toContain(made.secret);
      expect(told.text).not.toContain(hashSecret(made.secret));
    }
    expect(JSON.stringify(await desk.store.list(keysTable))).not.toContain(made.secret);
    expect(JSON.stringify(desk.logs)).not.toContain(made.secret);
    await expect(authenticate(made.secret, "192.0.2.1", desk.env)).resolves.toMatchObject({ key: { id: made.id } });
  });

  test("keeps every field as it was given, costs to the billionth of a dollar", async () => {
    const { secret, ...made } = await create(everything);
    expect(secret).toBeTypeOf("string");
    expect(made).toMatchObject({ name: "one", ...everything });
    expect((await desk.admin("GET", `/admin/keys/${made.id}`)).body).toEqual(made);
    const [nanos] = await desk.store.find(keysTable, [`${made.id}/weeklyCostNanos`]);
    expect(nanos).toBe("12345678901");
  });

  test("writes no column that was not given", async () => {
    await desk.admin("GET", "/admin/session");
    desk.calls.length = 0;
    const { id } = await create({ dailyCostUsd: 2 });
    expect(written(desk.calls).toSorted()).toEqual(
      ["createdAt", "dailyCostNanos", "hash", "name", "prefix"].map((column) => `keys:${id}/${column}`),
    );
  });

  test("in bulk makes numbered keys with secrets of their own, written in one command", async () => {
    await desk.admin("GET", "/admin/session");
    desk.calls.length = 0;
    const told = await desk.admin("POST", "/admin/keys/bulk", { body: { name: "class", count: 500, dailyCostUsd: 1 } });
    const writes = desk.calls.map((call) => call.method).filter((method) => !["read", "find", "list"].includes(method));
    expect(writes).toEqual(["put", ...onRecord]);
    expect(told.body.total).toBe(500);
    expect(new Set(told.body.items.map((item: { secret: string }) => item.secret)).size).toBe(500);
    expect(told.body.items[499]).toMatchObject({ name: "class 500", dailyCostUsd: 1 });
    expect((await list("")).total).toBe(500);
  });

  test.each([
    [{ count: 501 }, "count"],
    [{ count: 0 }, "count"],
  ])("in bulk refuses %j", async (body, field) => {
    const told = await desk.admin("POST", "/admin/keys/bulk", { body: { name: "n", ...body } });
    expect([told.status, told.body.error.field]).toEqual([400, field]);
  });

  test.each([
    [{ name: "   " }, "name"],
    [{ dailyCostUsd: -1 }, "dailyCostUsd"],
    [{ dailyCostUsd: 0.1 + 0.2 }, "dailyCostUsd"],
    [{ dailyCostUsd: 1_000_000 }, "dailyCostUsd"],
    [{ weeklyFamilyCostUsd: { opus: 1e-10 } }, "weeklyFamilyCostUsd.opus"],
    [{ weeklyFamilyCostUsd: { nonsense: 1 } }, "weeklyFamilyCostUsd.nonsense"],
    [{ permissions: ["droid"] }, "permissions.0"],
    [{ tags: ["a", "a"] }, "tags"],
    [{ ips: ["10.0.0.0/33"] }, "ips.0"],
    [{ ips: ["10.0.0.1", "10.0.0"] }, "ips.1"],
    [{ ips: ["2001:db8::/129"] }, "ips.0"],
    [{ ips: ["fe80::1%eth0"] }, "ips.0"],
    [{ ips: ["10.0.0.0/8/8"] }, "ips.0"],
    [{ ips: ["example.com"] }, "ips.0"],
    [{ activeHours: 0 }, "activeHours"],
    [{ expiresAt: 1.5 }, "expiresAt"],
    [{ windowRequests: 5 }, "windowMinutes"],
    [{ windowCostUsd: 5 }, "windowMinutes"],
    [{ queueLength: 5 }, "concurrency"],
    [{ queueLength: 5, concurrency: 1 }, "queueWaitSeconds"],
    [{ bindings: { claude: "no-such-account" } }, "bindings.claude"],
    [{ bindings: { claude: "group:none" } }, "bindings.claude"],
    [{ hash: "0" }, "hash"],
    [{ windowCostNanos: 1 }, "windowCostNanos"],
  ])("refuses %j", async (body, field) => {
    const told = await desk.admin("POST", "/admin/keys", { body: { name: "n", ...body } });
    expect([told.status, told.body.error.field]).toEqual([400, field]);
    expect(await desk.store.list(keysTable)).toEqual({});
  });

  test("binds it only to an account of the service", async () => {
    await putPool(accountFields("acc", { name: "A", kind: "anthropic", createdAt: 1 }), desk.env);
    expect((await create({ bindings: { claude: "acc" } })).bindings).toEqual({ claude: "acc" });
    const told = await desk.admin("POST", "/admin/keys", { body: { name: "n", bindings: { openai: "acc" } } });
    expect(told.body.error.message).toBe('bindings.openai: the account "A" serves claude, not openai');
  });
});

describe("changing a key", () => {
  test.each(Object.entries(everything).filter(([field]) => !["queueLength", "bindings"].includes(field)))(
    "in %s writes that column and no other",
    async (field, value) => {
      const made = await create({ concurrency: 1, windowMinutes: 5 });
      desk.calls.length = 0;
      const told = await desk.admin("PATCH", `/admin/keys/${made.id}`, { body: { [field]: value } });
      expect(told.body[field]).toEqual(value);
      expect(written(desk.calls)).toEqual([`keys:${made.id}/${field.replace(/CostUsd$/, "CostNanos")}`]);
    },
  );

  test("in nothing writes nothing", async () => {
    const made = await create();
    desk.calls.length = 0;
    expect((await desk.admin("PATCH", `/admin/keys/${made.id}`, { body: {} })).status).toBe(200);
    expect(written(desk.calls)).toEqual([]);
  });

  test("does not undo what another instance changed meanwhile", async () => {
    const made = await create();
    const other = desk.other();
    await other.admin("GET", `/admin/keys/${made.id}`);
    await desk.admin("PATCH", `/admin/keys/${made.id}`, { body: { isEnabled: false } });
    await other.admin("PATCH", `/admin/keys/${made.id}`, { body: { owner: "Bob" } });
    expect((await desk.admin("GET", `/admin/keys/${made.id}`)).body).toMatchObject({ isEnabled: false, owner: "Bob" });
  });

  test("with null takes a value away", async () => {
    const made = await create({ expiresAt: 1_000, activeHours: 5 });
    expect(made.state).toBe("expired");
    const told = await desk.admin("PATCH", `/admin/keys/${made.id}`, { body: { expiresAt: null, activeHours: null } });
    expect(told.body).toMatchObject({ expiresAt: null, activeHours: null, endsAt: null, state: "active" });
    expect((await desk.admin("GET", `/admin/keys/${made.id}`)).body).toEqual(told.body);
  });

  test("checks it together with what the key already has", async () => {
    const made = await create({ windowMinutes: 5, windowRequests: 1 });
    const told = await desk.admin("PATCH", `/admin/keys/${made.id}`, { body: { windowMinutes: 0 } });
    expect(told.body.error.field).toBe("windowMinutes");
  });

  test("disables it at once here: the next call is refused", async () => {
    const made = await create();
    await authenticate(made.secret, "192.0.2.1", desk.env);
    await desk.admin("PATCH", `/admin/keys/${made.id}`, { body: { isEnabled: false } });
    await expect(authenticate(made.secret, "192.0.2.1", desk.env)).rejects.toMatchObject({ code: "key.disabled" });
  });

  test("that is none is 404", async () => {
    for (const [method, path] of [
      ["GET", ""],
      ["PATCH", ""],
      ["DELETE", ""],
      ["POST", "/restore"],
      ["POST", "/purge"],
    ] as const) {
      const told = await desk.admin(method, `/admin/keys/nobody${path}`, { body: {} });
      expect([told.status, told.body.error.code]).toEqual([404, "record.unknown"]);
    }
  });

  test("in bulk writes one column of each in one command, or nothing if one is unknown", async () => {
    const made = [await create(), await create(), await create()];
    const ids = made.map((key) => key.id as string);
    desk.calls.length = 0;
    const told = await desk.admin("PATCH", "/admin/keys", {
      body: { ids: [...ids, ids[0]], change: { dailyCostUsd: 5 } },
    });
    expect(told.body.items.map((key: { dailyCostUsd: number }) => key.dailyCostUsd)).toEqual([5, 5, 5]);
    expect(written(desk.calls)).toEqual(ids.map((id) => `keys:${id}/dailyCostNanos`));
    // Whether they were used before is asked for once: a limit counts that, too.
    expect(desk.calls.map((call) => call.method)).toEqual([...["list", "put", "read", "readLog", "find"], ...onRecord]);
    desk.calls.length = 0;
    const refused = await desk.admin("PATCH", "/admin/keys", {
      body: { ids: [ids[0], "nobody"], change: { dailyCostUsd: 6 } },
    });
    expect([refused.status, refused.body.error.field]).toEqual([404, "ids"]);
    expect(written(desk.calls)).toEqual([]);
  });
});

describe("deleting a key", () => {
  test("refuses it from then on and hides it from the list, until it is restored", async () => {
    const made = await create();
    expect((await desk.admin("DELETE", `/admin/keys/${made.id}`)).body.state).toBe("deleted");
    await expect(authenticate(made.secret, "192.0.2.1", desk.env)).rejects.toMatchObject({ code: "key.unknown" });
    expect((await list("")).total).toBe(0);
    expect((await list("state=deleted")).total).toBe(1);
    expect((await desk.admin("POST", `/admin/keys/${made.id}/restore`)).body.state).toBe("active");
    await expect(authenticate(made.secret, "192.0.2.1", desk.env)).resolves.toBeDefined();
  });

  test("for good needs it deleted first, and leaves no column", async () => {
    const made = await create(everything);
    expect((await desk.admin("POST", `/admin/keys/${made.id}/purge`)).body.error.code).toBe("record.conflict");
    await desk.admin("DELETE", `/admin/keys/${made.id}`);
    expect((await desk.admin("POST", `/admin/keys/${made.id}/purge`)).status).toBe(200);
    expect(Object.keys(await desk.store.list(keysTable)).filter((field) => field.startsWith(made.id))).toEqual([]);
    expect((await list("state=all")).total).toBe(0);
  });

  test("in bulk is one command", async () => {
    const ids = [(await create()).id, (await create()).id];
    desk.calls.length = 0;
    await desk.admin("POST", "/admin/keys/delete", { body: { ids } });
    expect(written(desk.calls)).toEqual(ids.map((id) => `keys:${id}/deletedAt`));
    expect((await list("")).total).toBe(0);
  });
});

describe("the list of ten thousand keys", () => {
  let big: Desk;
  beforeAll(async () => {
    big = await openDesk();
    for (let start = 0; start < 10_000; start += 1_000) {
      const fields: Record<string, string> = {};
      for (let index = start; index < start + 1_000; index += 1) {
        const id = index.toString(16).padStart(32, "0");
        const owner = index % 2 === 0 ? "Ada" : "bob";
        const tags = index % 100 === 0 ? ["rare"] : ["all"];
        const some = {
          hash: `${id}${id}`,
          prefix: `cr_${index}`,
          name: `key ${index}`,
          createdAt: 1_000 + index,
          owner,
          tags,
        };
        Object.assign(fields, keyFields(id, { ...some, dailyCostNanos: index * 1e9, isEnabled: index % 10 !== 0 }));
      }
      await big.store.put(keysTable, fields);
    }
    await big.admin("GET", "/admin/session");
  });
  afterAll(() => big.stop());

  test("is read once for many pages, with totals", async () => {
    big.pass(60_000);
    big.calls.length = 0;
    const pages = [
      await list("pageSize=200", big),
      await list("page=2&pageSize=200", big),
      await list("page=50&pageSize=200", big),
    ];
    expect(big.calls.filter((call) => call.method === "list")).toHaveLength(1);
    for (const page of pages) expect(page).toMatchObject({ total: 10_000, pages: 50, pageSize: 200 });
    expect(pages[0].items[0].name).toBe("key 9999");
    expect(pages[2].items.at(-1).name).toBe("key 0");
    expect((await list("page=51&pageSize=200", big)).items).toEqual([]);
  });

  test("is searched, filtered and counted over all pages", async () => {
    expect(await list("search=KEY%20123", big)).toMatchObject({ total: 11 });
    expect(await list("tag=rare", big)).toMatchObject({ total: 100, pages: 2 });
    expect(await list("state=disabled&owner=Ada", big)).toMatchObject({ total: 1_000 });
    expect(await list("search=no%20such%20key", big)).toMatchObject({ total: 0, pages: 0, items: [] });
  });

  test.each([
    ["sort=name&order=asc", "key 0", "key 1"],
    ["sort=dailyCostUsd&order=desc", "key 9999", "key 9998"],
    ["sort=owner&order=asc", "key 9998", "key 9996"],
    ["sort=isEnabled&order=asc", "key 9990", "key 9980"],
    ["sort=state&order=desc", "key 9990", "key 9980"],
    ["sort=endsAt&order=asc", "key 9999", "key 9998"],
  ])("is sorted by %s, ties by newest first", async (query, first, second) => {
    const { items } = await list(query, big);
    expect(items.slice(0, 2).map((key: { name: string }) => key.name)).toEqual([first, second]);
  });

  test("shows no key twice over all its pages, whatever the sort", async () => {
    const names = new Set<string>();
    for (let page = 1; page <= 50; page += 1) {
      for (const key of (await list(`sort=owner&pageSize=200&page=${page}`, big)).items) names.add(key.id as string);
    }
    expect(names.size).toBe(10_000);
  });

  test("shows a change made here at once, and one made elsewhere within five seconds", async () => {
    const other = big.other();
    const id = "0".repeat(32);
    await list("", other);
    await list("", big);
    await big.admin("PATCH", `/admin/keys/${id}`, { body: { name: "renamed" } });
    expect((await list("search=renamed", big)).total).toBe(1);
    big.pass(5_000);
    expect((await list("search=renamed", other)).total).toBe(1);
  });

  test("tells all tags with their counts", async () => {
    const { body } = await big.admin("GET", "/admin/keys/tags");
    expect(body).toEqual({
      items: [
        { tag: "all", keys: 9_900 },
        { tag: "rare", keys: 100 },
      ],
      total: 2,
    });
  });
});

describe("the list of ten thousand keys", () => {
  const many = 10_000;
  const idOf = (index: number) => index.toString(16).padStart(32, "0");
  beforeEach(async () => {
    const fields = Array.from({ length: many }, (_, index) =>
      keyFields(idOf(index), {
        hash: idOf(index).repeat(2),
        name: `Key ${index}`,
        owner: `o${index % 10}`,
        createdAt: 1,
      }),
    );
    await desk.store.put(keysTable, Object.assign({}, ...fields) as Record<string, string>);
    await list("pageSize=1");
    desk.calls.length = 0;
  });
  const reads = (on: Pick<Desk, "calls"> = desk) => on.calls.filter(({ method }) => method === "list");

  test("is read again only when a key was changed, here or elsewhere", async () => {
    for (const search of ["9", "99", "999", "9999"]) {
      desk.pass(10_000);
      expect((await list(`search=Key+${search}&pageSize=5`)).items[0].name).toContain(search);
    }
    expect(reads()).toEqual([]);
    const other = desk.other();
    const changes: (() => Promise<unknown>)[] = [
      () => other.admin("PATCH", `/admin/keys/${idOf(7)}`, { body: { name: "Renamed" } }),
      () => other.admin("POST", "/admin/keys", { body: { name: "Renamed too" } }),
      () => other.admin("PATCH", "/admin/keys", { body: { ids: [idOf(8)], change: { name: "Renamed three" } } }),
      () => other.admin("POST", "/admin/keys/delete", { body: { ids: [idOf(7)] } }),
      () => other.admin("POST", `/admin/keys/${idOf(7)}/purge`),
    ];
    for (const [index, change] of changes.entries()) {
      await change();
      desk.pass(5_000);
      expect((await list("search=Renamed&state=all")).total).toBe([1, 2, 3, 3, 2][index]);
    }
    expect(reads()).toHaveLength(changes.length);
  });

  test("is changed by the filter that it shows, and by nothing else", async () => {
    const body = { filter: { owner: "o3", search: "Key 1" }, change: { concurrency: 7 } };
    const told = await desk.admin("PATCH", "/admin/keys", { body });
    const shown = await list("owner=o3&search=Key+1&pageSize=1");
    expect([told.status, told.body.total]).toEqual([200, shown.total]);
    expect(told.body.items.length).toBeLessThanOrEqual(500);
    const all = Object.entries(await desk.store.list(keysTable)).filter(([field]) => field.endsWith("/concurrency"));
    expect(all).toHaveLength(shown.total);
    const deleted = await desk.admin("POST", "/admin/keys/delete", { body: { filter: { owner: "o4" } } });
    expect([deleted.body.total, (await list("pageSize=1")).total]).toEqual([many / 10, many - many / 10]);
  });

  test("is not changed by no choice, by two, or by one that is too wide", async () => {
    await create();
    const bodies = [{}, { ids: [idOf(1)], filter: {} }, { filter: {} }, { filter: { pageSize: 3 } }];
    for (const body of bodies) {
      const told = await desk.admin("PATCH", "/admin/keys", { body: { ...body, change: { concurrency: 1 } } });
      expect([told.status, told.text]).toEqual([400, expect.stringContaining("filter")]);
    }
  });
});
