import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDesk, written, type Desk } from "../../../test/admin/desk.ts";
import { addAccount, addKey } from "../../../test/rig.ts";
import { buildEvent } from "../../../test/usage.ts";
import { keysTable } from "../../core/keys/key.ts";
import { readPool } from "../../core/accounts/pool.ts";
import { computeCost, findPrice } from "../../core/money/price.ts";
import { rollUp } from "../../core/usage/rollup/rollup.ts";
import { noUsage } from "../../core/money/usage.ts";
import { usageLog } from "../../core/usage/log.ts";

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk(undefined, { TIMEZONE_OFFSET: "0" });
});
afterEach(() => desk.stop());

const dayMs = 86_400_000;

async function ask(method: string, path: string, body?: object, query = "") {
  const told = await desk.admin(method, path, { query, ...(body ? { body } : {}) });
  expect(told.status, told.text).toBeLessThan(300);
  return told.body;
}

async function log(change: Parameters<typeof buildEvent>[0]) {
  await desk.store.append(usageLog, JSON.stringify(buildEvent({ id: crypto.randomUUID(), ...change })));
}

describe("groups", () => {
  beforeEach(async () => {
    for (const id of ["a1", "a2", "a3"])
      await addAccount(
        desk.env,
        { id, name: id, kind: id === "a2" ? "openai" : "anthropic", groups: id === "a3" ? ["other"] : [] },
        { kind: "api-key", secret: "s" },
      );
  });

  test("hold the accounts that they are told, and leave an account's other groups alone", async () => {
    const made = await ask("POST", "/admin/groups", { name: "Team", accounts: ["a1", "a3"] });
    expect(made).toMatchObject({ name: "Team", accounts: ["a1", "a3"], keys: 0 });
    desk.calls.length = 0;
    const changed = await ask("PATCH", `/admin/groups/${made.id}`, { name: "Crew", accounts: ["a2", "a3"] });
    expect(changed).toMatchObject({ name: "Crew", accounts: ["a2", "a3"] });
    expect(written(desk.calls).filter((field) => field.includes("account/"))).toEqual([
      "pool:account/a1/groups",
      "pool:account/a2/groups",
    ]);
    expect((await readPool(desk.env)).accountById.get("a3")?.groups).toEqual(["other", made.id]);
    const refused = await desk.admin("PATCH", `/admin/groups/${made.id}`, { body: { accounts: ["nobody"] } });
    expect(refused.body.error.field).toBe("accounts");
  });

  test("in use are deleted only with word of what becomes of the keys, which are named", async () => {
    const [first, second] = [
      await ask("POST", "/admin/groups", { name: "First", accounts: ["a1"] }),
      await ask("POST", "/admin/groups", { name: "Second" }),
    ];
    const bindings = { claude: `group:${first.id}`, openai: "a2" };
    const key = await ask("POST", "/admin/keys", { name: "Ada's laptop", bindings });
    expect(await ask("GET", `/admin/groups/${first.id}`)).toMatchObject({ keys: 1, keyNames: ["Ada's laptop"] });
    const refused = await desk.admin("DELETE", `/admin/groups/${first.id}`);
    expect([refused.status, refused.body.error.message]).toEqual([409, expect.stringContaining("Ada's laptop")]);
    await ask("DELETE", `/admin/groups/${first.id}`, undefined, `moveTo=${second.id}`);
    expect(await ask("GET", `/admin/groups/${second.id}`)).toMatchObject({ accounts: ["a1"], keys: 1 });
    await ask("DELETE", `/admin/groups/${second.id}`, undefined, "unbind=true");
    expect((await ask("GET", `/admin/keys/${key.id}`)).bindings).toEqual({ openai: "a2" });
    expect((await readPool(desk.env)).accountById.get("a1")?.groups).toEqual([]);
    expect((await ask("GET", "/admin/groups")).total).toBe(0);
  });
});

describe("prices", () => {
  const draft = { model: "My-Model", inputUsd: 0.07, outputUsd: 0.000001, cacheReadUsd: null, webSearchUsd: 10 };

  test("set by hand are kept exactly, used for cost, and told as the operator's own", async () => {
    expect(await ask("PUT", "/admin/prices", draft)).toMatchObject({ model: "my-model", isOwn: true, inputUsd: 0.07 });
    const { prices } = await readPool(desk.env);
    const price = findPrice("my-model-20260101", desk.env.now(), prices);
    expect(price).toMatchObject({ inputPicos: 70_000, outputPicos: 1, webSearchNanos: 10_000_000 });
    const usage = { ...noUsage(), inputTokens: 1_000_000 };
    const cost = price && computeCost(usage, price);
    expect(cost).toMatchObject({ costNanos: 70_000_000, rates: { own: 1, inputPicos: 70_000 } });
    await log({ model: "my-model", usage, ...cost });
    const [row] = (await ask("GET", "/admin/usage/requests")).items;
    expect(row).toMatchObject({ isOwnPrice: true, isPriced: true });
    const detail = await ask("GET", `/admin/usage/requests/${row.logId}`);
    expect(detail.costs).toMatchObject([{ class: "input", rateUsd: 0.07, costUsd: 0.07 }]);
  });

  test("of the table stand beside them, and stand again when an own one is taken away", async () => {
    await ask("PUT", "/admin/prices", { ...draft, model: "claude-sonnet-4-5" });
    const both = await ask("GET", "/admin/prices", undefined, "search=claude-sonnet-4-5");
    expect(both).toMatchObject({ own: 1, madeOn: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) });
    expect(both.items[0]).toMatchObject({ isOwn: true, inputUsd: 0.07, listed: { inputUsd: 3, cacheWrite1hUsd: 6 } });
    expect(both.items[1]).toMatchObject({ isOwn: false, inputUsd: 3, longContext: [{ aboveTokens: 200_000 }] });
    await ask("POST", "/admin/prices/reset", { model: "claude-sonnet-4-5" });
    expect((await ask("GET", "/admin/prices", undefined, "of=own")).items).toEqual([]);
    expect((await desk.admin("POST", "/admin/prices/reset", { body: { model: "claude-sonnet-4-5" } })).status).toBe(
      404,
    );
  });

  test.each([1e-7, -1, 200_000])("of %d dollars are refused", async (inputUsd) => {
    const told = await desk.admin("PUT", "/admin/prices", { body: { ...draft, inputUsd } });
    expect([told.status, told.body.error.field]).toEqual([400, "inputUsd"]);
  });

  test("that are missing are told for the last 30 days, folded or not, until they are set", async () => {
    const at = desk.env.now();
    const unpriced = { costNanos: 0, rates: undefined };
    await log({ model: "strange-1", at: at - dayMs, ...unpriced });
    await log({ model: "strange-2", at: at - 31 * dayMs, ...unpriced });
    await log({ model: "claude-sonnet-4-5", at });
    await rollUp(at + 10_000, desk.env);
    desk.pass(2_000);
    await log({ model: "strange-1", at, ...unpriced });
    const { items } = await ask("GET", "/admin/prices/unpriced");
    expect(items).toEqual([{ model: "strange-1", requests: 2, tokens: 30, lastAt: at }]);
    await ask("PUT", "/admin/prices", { ...draft, model: "strange-1" });
    expect((await ask("GET", "/admin/prices/unpriced")).items).toEqual([]);
  });
});

describe("settings", () => {
  test("have defaults, are written field by field, and go back to the default by null", async () => {
    const first = await ask("GET", "/admin/settings");
    expect(first).toMatchObject({ publicUrl: null, monthlyCommands: 500_000, unusedDays: 90 });
    desk.calls.length = 0;
    await ask("PATCH", "/admin/settings", { publicUrl: "https://relay.example", monthlyCommands: 100_000_000 });
    expect(written(desk.calls)).toEqual(["pool:setting/publicUrl", "pool:setting/monthlyCommands", "keys:@pool"]);
    expect((await ask("GET", "/admin/usage/overview")).commands.plan).toBe(100_000_000);
    expect(await ask("PATCH", "/admin/settings", { publicUrl: null })).toMatchObject({
      ...{ publicUrl: null, monthlyCommands: 100_000_000 },
    });
  });

  test("give new keys their limits, unless a key is given others or none", async () => {
    const limits = { concurrency: 3, dailyCostUsd: 0.1, weeklyCostUsd: 0, totalCostUsd: 0, totalTokens: 0 };
    await ask("PATCH", "/admin/settings", { keyDefaults: limits });
    const plain = await ask("POST", "/admin/keys", { name: "plain" });
    expect(plain).toMatchObject({ concurrency: 3, dailyCostUsd: 0.1 });
    const own = await ask("POST", "/admin/keys", { name: "own", concurrency: 0, dailyCostUsd: 7 });
    expect(own).toMatchObject({ concurrency: 0, dailyCostUsd: 7 });
    const columns = Object.keys(await desk.store.list(keysTable)).filter((field) => field.startsWith(plain.id));
    expect(columns).not.toContain(`${plain.id}/totalTokens`);
  });
});

describe("unused keys", () => {
  test("are those whose latest call is long ago or never was, without keys that are new", async () => {
    const made = async (name: string, days: number) =>
      (await addKey(desk.env, { name, createdAt: desk.env.now() - days * dayMs })).key.id;
    const [busy, idle] = [await made("busy", 200), await made("idle", 200)];
    await made("never", 200);
    await made("new", 1);
    await log({ key: idle, at: desk.env.now() - 100 * dayMs });
    await log({ key: busy, at: desk.env.now() - 100 * dayMs });
    await rollUp(desk.env.now() + 10_000, desk.env);
    desk.pass(2_000);
    const at = desk.env.now() - 1_000;
    await log({ key: busy, at, costNanos: 70_000_000 });
    const names = async (query: string): Promise<string[]> =>
      (await ask("GET", "/admin/keys", undefined, query)).items.map((key: { name: string }) => key.name);
    expect(await names("unusedDays=90&sort=lastUsedAt&order=asc")).toEqual(["never", "idle"]);
    expect(await names("unusedDays=101&sort=name")).toEqual(["never"]);
    expect(await names("minCostUsd=0.05")).toEqual(["busy"]);
    expect((await names("maxCostUsd=0")).toSorted()).toEqual(["never", "new"]);
    const { items } = await ask("GET", "/admin/keys", undefined, "include=usage&sort=allCostUsd");
    expect(items[0]).toMatchObject({
      name: "busy",
      usage: { lastUsedAt: at, todayCostUsd: 0.07, allCostUsd: 0.070001 },
    });
    expect(items.at(-1).usage).toEqual({ lastUsedAt: null, todayCostUsd: 0, allCostUsd: 0 });
  });

  test("are not told where calls are not counted, since every key would look unused", async () => {
    const other = desk.other({ ENABLE_USAGE_STATISTICS: "false" });
    expect((await other.admin("GET", "/admin/keys", { query: "unusedDays=90" })).status).toBe(409);
  });

  test("a page of keys with what they used costs two commands more than one without, and the tail's", async () => {
    for (let count = 0; count < 50; count += 1) await addKey(desk.env, { name: `key ${count}` });
    const cost = async (query: string) => {
      const { calls, admin } = desk.other();
      await admin("GET", "/admin/keys", { query: "pageSize=1" });
      desk.pass(10_000);
      calls.length = 0;
      await admin("GET", "/admin/keys", { query });
      return calls.length;
    };
    expect((await cost("include=usage")) - (await cost(""))).toBeLessThanOrEqual(4);
  });
});
