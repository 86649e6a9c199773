import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDesk, type Desk } from "../../../test/admin/desk.ts";
import { addAccount, addKey } from "../../../test/rig.ts";
import { buildEvent } from "../../../test/usage.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { rollUp } from "../../core/usage/rollup/rollup.ts";
import type { UsageEvent } from "../../core/money/usage.ts";
import { usageLog } from "../../core/usage/log.ts";
import { buildCsv } from "../http/csv.ts";

let desk: Desk;
let ann: ApiKey;
let bob: ApiKey;
let now: number;
const dayMs = 86_400_000;

beforeEach(async () => {
  desk = await openDesk(undefined, { TIMEZONE_OFFSET: "0" });
  ann = (await addKey(desk.env, { name: "Ann", tags: ["team", "web"] })).key;
  bob = (await addKey(desk.env, { name: "Bob", tags: ["team"], dailyCostNanos: 5e9, totalTokens: 1_000 })).key;
  await addAccount(desk.env, { id: "a1", name: "First" }, { kind: "api-key", secret: "sk" });
  await addAccount(desk.env, { id: "a2", name: "Second" }, { kind: "api-key", secret: "sk" });
  // Noon, so that what came an hour ago came today.
  now = Math.floor(Date.now() / dayMs) * dayMs + dayMs / 2;
  desk.pass(now - Date.now());
});
afterEach(() => desk.stop());

let count = 0;
async function log(change: Parameters<typeof buildEvent>[0]): Promise<UsageEvent> {
  count += 1;
  const event = buildEvent({
    id: `req-${count}`,
    at: now - 3_600_000,
    key: ann.id,
    costNanos: 1_500_000_000,
    ...change,
  });
  await desk.store.append(usageLog, JSON.stringify(event));
  return event;
}

const roll = async () => {
  await rollUp(desk.env.now() + 10_000, desk.env);
  desk.pass(2_000);
};

async function get(path: string, query = "") {
  const told = await desk.admin("GET", path, { query });
  expect(told.text.length > 0 && told.status, told.text).toBe(200);
  return told.body;
}

const today = () => new Date(now).toISOString().slice(0, 10);
const names = (rows: { name: string; figures: { costUsd: number } }[]) =>
  rows.map(({ name, figures }) => [name, figures.costUsd]);

describe("usage statistics", () => {
  test("the overview tells today, yesterday, all time, the trend and who used most, folded or not", async () => {
    await log({ at: now - dayMs, costNanos: 250_000_000 });
    await log({});
    await log({ key: bob.id, account: "a2", model: "gpt-6", status: 529, outcome: "failed", costNanos: 0 });
    for (const step of ["tail", "rows"]) {
      if (step === "rows") await roll();
      const page = await get("/admin/usage/overview");
      expect(page.today).toMatchObject({
        requests: 2,
        errors: 1,
        errorRate: 0.5,
        costUsd: 1.5,
        tokens: 30,
        firstMs: 30,
      });
      expect(page.yesterday).toMatchObject({ requests: 1, costUsd: 0.25 });
      expect(page.total).toMatchObject({ requests: 3, costUsd: 1.75 });
      expect(page.trend).toHaveLength(30);
      expect(page.trend.at(-1)).toMatchObject({ period: today(), startAt: Math.floor(now / dayMs) * dayMs });
      expect(names(page.keys)).toEqual([
        ["Ann", 1.75],
        ["Bob", 0],
      ]);
      expect(names(page.accounts)).toEqual([
        ["First", 1.75],
        ["Second", 0],
      ]);
      expect(names(page.models)).toEqual([
        ["claude-sonnet-5", 1.75],
        ["gpt-6", 0],
      ]);
      // Ann has no limit: the log only. Bob has two periods, moved twice.
      expect(page.commands.estimated).toBe(
        new Date(now - dayMs).getUTCMonth() === new Date(now).getUTCMonth() ? 2 + 5 : 1 + 5,
      );
    }
  });

  test("the overview of 30 days costs at most 40 commands", async () => {
    await log({});
    const other = desk.other();
    await other.admin("GET", "/admin/session");
    other.calls.length = 0;
    await other.admin("GET", "/admin/usage/overview");
    const commands = other.calls.map(({ method, args }) => (method === "listMany" ? (args[0] as string[]).length : 1));
    expect(commands.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(40);
  });

  test("a trend is told by hour, day and month, and by key, account, model and tag", async () => {
    await log({});
    await log({ key: bob.id, account: "a2", model: "gpt-6", costNanos: 500_000_000 });
    const series = async (query: string) =>
      names(
        (await get("/admin/usage/trend", query)).series.map(
          ({ name, total }: { name: string; total: { costUsd: number } }) => ({ name, figures: total }),
        ),
      );
    for (const granularity of ["hour", "day", "month"]) {
      expect(await series(`granularity=${granularity}&from=${today()}&to=${today()}`)).toEqual([["all", 2]]);
      expect(await series(`granularity=${granularity}&from=${today()}&group=key`)).toEqual([
        ["Ann", 1.5],
        ["Bob", 0.5],
      ]);
      expect(await series(`granularity=${granularity}&from=${today()}&group=account`)).toEqual([
        ["First", 1.5],
        ["Second", 0.5],
      ]);
      expect(await series(`granularity=${granularity}&from=${today()}&group=model&most=1`)).toEqual([
        ["claude-sonnet-5", 1.5],
        ["1 others", 0.5],
      ]);
      expect(await series(`granularity=${granularity}&from=${today()}&key=${bob.id}`)).toEqual([["all", 0.5]]);
    }
    expect(await series("group=tag")).toEqual([
      ["team", 2],
      ["web", 1.5],
    ]);
    expect(await series(`key=${bob.id}&group=model`)).toEqual([["gpt-6", 0.5]]);
    const hours = (await get("/admin/usage/trend", `granularity=hour&from=${today()}`)).series[0].points;
    expect(hours).toHaveLength(24);
    expect(hours[11]).toMatchObject({ period: `${today()}T11`, figures: { requests: 2 } });
  });

  test.each([
    "from=2026-13-01",
    "from=2026-02-31&to=2026-03-02",
    "from=2026-05-02&to=2026-05-01",
    "from=2020-01-01",
    "granularity=hour&from=2020-01-01&to=2020-02-01",
    "group=shoe",
    "key=k&group=tag",
  ])("refuses the span or group %s in words", async (query) => {
    const told = await desk.admin("GET", "/admin/usage/trend", { query });
    expect(told).toMatchObject({
      status: 400,
      body: { error: { code: "request.malformed", field: expect.any(String) } },
    });
  });

  test("a ranking is sorted and paged", async () => {
    await log({});
    await log({ key: bob.id, costNanos: 1, usage: { inputTokens: 9_000 } });
    const rank = async (query: string) =>
      (await get("/admin/usage/ranking", query)).items.map(({ name }: { name: string }) => name);
    expect(await rank("by=key")).toEqual(["Ann", "Bob"]);
    expect(await rank("by=key&sort=tokens")).toEqual(["Bob", "Ann"]);
    expect(await rank("by=key&sort=tokens&page=2&pageSize=1")).toEqual(["Ann"]);
    expect(await rank("by=tag&sort=name")).toEqual(["team", "web"]);
  });

  test("a key's page holds its own usage and limits only, an account's page what it served", async () => {
    await log({});
    await log({ key: bob.id, account: "a2", model: "gpt-6", costNanos: 500_000_000 });
    const key = await get(`/admin/usage/keys/${bob.id}`);
    expect(key).toMatchObject({ name: "Bob", today: { requests: 1 }, total: { costUsd: 0.5 }, span: { costUsd: 0.5 } });
    expect(names(key.models)).toEqual([["gpt-6", 0.5]]);
    expect(names(key.accounts)).toEqual([["Second", 0.5]]);
    expect(key.limits.map(({ name, unit, limit }: Record<string, unknown>) => [name, unit, limit])).toEqual([
      ["daily cost", "usd", 5],
      ["total token", "tokens", 1_000],
    ]);
    const account = await get("/admin/usage/accounts/a1");
    expect(account).toMatchObject({ name: "First", today: { requests: 1 }, span: { costUsd: 1.5 }, windows: [] });
    expect((await desk.admin("GET", "/admin/usage/keys/nobody")).status).toBe(404);
    expect((await desk.admin("GET", "/admin/usage/accounts/nobody")).status).toBe(404);
  });

  test("an account's windows are forecast from what its answers told", async () => {
    for (const [minutes, utilization] of [
      [60, 0.2],
      [30, 0.4],
      [0, 0.6],
    ] as const) {
      const windows = [{ name: "5h", utilization, resetAt: now + 4 * 3_600_000 }];
      await log({ at: now - minutes * 60_000, windows } as Parameters<typeof buildEvent>[0]);
    }
    const [window] = (await get("/admin/usage/accounts/a1")).windows;
    expect(window).toMatchObject({ name: "5h", utilization: 0.6, at: now, emptiesAt: now + 60 * 60_000 });
    const { items } = await get("/admin/usage/accounts");
    expect(items).toMatchObject([
      { id: "a1", today: { requests: 3, costUsd: 4.5 }, windows: [window] },
      { id: "a2", today: { requests: 0, costUsd: 0 }, windows: [] },
    ]);
  });

  test("live figures are those of the last minutes", async () => {
    await log({ at: desk.env.now(), usage: { inputTokens: 100, outputTokens: 0 } });
    desk.pass(60_000);
    await log({ at: desk.env.now() });
    const live = await get("/admin/usage/live");
    expect(live.minutes).toHaveLength(6);
    expect(live.requestsPerMinute).toBe(1 / 5);
    expect(live.tokensPerMinute).toBe(100 / 5);
    expect(live.minutes.at(-1)).toMatchObject({ requests: 1, tokens: 15 });
  });
});

describe("a span and the one before", () => {
  const hourMs = 3_600_000;
  const day = (days: number) => new Date(now - days * dayMs).toISOString().slice(0, 10);

  test("today is compared with yesterday up to the same hour, for all, a key and an account", async () => {
    await log({ at: now - hourMs, costNanos: 5e9 });
    await log({ at: now - dayMs - 2 * hourMs, costNanos: 1e9 });
    await log({ at: now - dayMs + 2 * hourMs, costNanos: 2e9 });
    await log({ at: now - dayMs - 3 * hourMs, costNanos: 4e9, key: bob.id });
    await roll();
    const cost = async (query: string) => {
      const { figures, before } = await get("/admin/usage/spans", `from=${day(0)}&${query}`);
      return [figures.costUsd, before.costUsd ?? before.figures.costUsd, before.from, before.to];
    };
    expect(await cost("")).toEqual([5, 5, day(1), day(1)]);
    expect(await cost(`key=${ann.id}`)).toEqual([5, 1, day(1), day(1)]);
    expect(await cost("account=a1")).toEqual([5, 5, day(1), day(1)]);
    expect((await get("/admin/usage/spans", `from=${day(1)}&to=${day(1)}`)).figures.costUsd).toBe(7);
    const { items } = await get("/admin/usage/ranking", `by=key&from=${day(0)}`);
    expect(items).toMatchObject([{ id: ann.id, figures: { costUsd: 5 }, before: { costUsd: 1 } }]);
  });

  test.each([
    ["2026-03-01", "2026-03-10", "2026-02-01", "2026-02-10"],
    ["2026-03-01", "2026-03-30", "2026-02-01", "2026-02-28"],
    ["2026-02-01", "2026-02-28", "2026-01-01", "2026-01-31"],
    ["2026-03-03", "2026-03-09", "2026-02-24", "2026-03-02"],
  ])("of %s to %s is %s to %s", async (from, to, first, last) => {
    const { before } = await get("/admin/usage/spans", `from=${from}&to=${to}`);
    expect([before.from, before.to]).toEqual([first, last]);
  });
});

describe("single calls", () => {
  test("are listed newest first, filtered, and page by page without gap or double", async () => {
    for (let index = 0; index < 7; index += 1) await log({});
    await roll();
    await log({ key: bob.id, account: undefined, model: "gpt-6", status: 503, outcome: "refused" });
    const seen: string[] = [];
    for (let before: string | null = ""; before !== null;) {
      const page: { items: { id: string }[]; next: string | null } = await get(
        "/admin/usage/requests",
        `pageSize=3${before === "" ? "" : `&before=${before}`}`,
      );
      seen.push(...page.items.map(({ id }) => id));
      before = page.next;
    }
    expect(seen).toHaveLength(8);
    expect(new Set(seen).size).toBe(8);
    expect(seen).toEqual(seen.toSorted((one, other) => Number(other.slice(4)) - Number(one.slice(4))));
    const count = async (query: string) => (await get("/admin/usage/requests", query)).items.length;
    expect(await count(`key=${bob.id}`)).toBe(1);
    expect(await count("account=")).toBe(1);
    expect(await count("account=a1")).toBe(7);
    expect(await count("status=5xx")).toBe(1);
    expect(await count("status=200&outcome=complete")).toBe(7);
    expect(await count("model=claude-*")).toBe(7);
    expect(await count(`search=${seen[0]?.toUpperCase()}`)).toBe(1);
    expect(await count("search=ann")).toBe(7);
    expect(await count("search=FIRST")).toBe(7);
    expect(await count("search=gpt")).toBe(1);
    expect(await count("search=nobody")).toBe(0);
  });

  test("name whose fault a failed one is, and are filtered by it", async () => {
    await log({});
    await log({ status: 400 });
    await log({ status: 499, outcome: "gone" });
    await log({ status: 503, outcome: "refused", failure: "account.none: no account serves it" });
    await log({ status: 529, outcome: "failed", failure: "upstream.refused: Overloaded" });
    const { items } = await get("/admin/usage/requests");
    expect(items.map(({ blame }: { blame: string | null }) => blame)).toEqual([
      "upstream",
      "config",
      "client",
      "client",
      null,
    ]);
    expect((await get("/admin/usage/requests", "blame=config")).items).toHaveLength(1);
  });

  test("that failed at an account are its errors, also where another account answered in the end", async () => {
    const tried = (account: string, status: number, reason: string) =>
      ({ account, status, reason, startedMs: 2, ms: 40, charge: "none", costNanos: 0 }) as const;
    await log({ account: "a2", attempts: [tried("a1", 429, "rate_limit_error"), tried("a2", 200, "served")] });
    await log({ attempts: [tried("a1", 200, "served")] });
    await log({ status: 401, outcome: "failed", attempts: [tried("a1", 401, "invalid x-api-key")] });
    const read = (query: string) => get("/admin/usage/accounts/a1/failures", query);
    const first = await read("pageSize=1");
    expect(first.items).toMatchObject([{ status: 401, reason: "invalid x-api-key", isServed: false }]);
    const second = await read(`before=${first.next}`);
    expect(second.items).toMatchObject([{ status: 429, key: { name: "Ann" }, isServed: true }]);
    expect(second.next).toBe(null);
    expect((await get("/admin/usage/accounts/a2/failures")).items).toEqual([]);
  });

  test("are explained in full: tries, accounts passed over, times, cost by class, meters, rules", async () => {
    const usage = { inputTokens: 1_001, outputTokens: 7, cacheReadTokens: 3, webSearches: 2 };
    const rates = {
      inputPicos: 3_000_001,
      outputPicos: 15_000_000,
      cacheReadPicos: 300_500,
      webSearchNanos: 10_000_000,
    };
    const attempt = {
      account: "a2",
      status: 529,
      reason: "overloaded",
      startedMs: 2,
      ms: 40,
      charge: "probably",
      costNanos: 12,
    } as const;
    const event = await log({
      key: bob.id,
      usage,
      rates,
      costNanos: 23_108_907,
      attempts: [attempt],
      candidates: [{ account: "a2", reason: "rests" }],
      rules: ["alias sonnet"],
      upstreamModel: "claude-x",
    });
    const told = await get(`/admin/usage/requests/${event.id}`);
    expect(told).toMatchObject({
      id: event.id,
      key: { name: "Bob" },
      account: { name: "First" },
      rules: ["alias sonnet"],
      upstreamModel: "claude-x",
      passedOver: [{ account: { name: "Second" }, reason: "rests" }],
    });
    expect(told.tries).toEqual([
      {
        account: { id: "a2", name: "Second" },
        status: 529,
        reason: "overloaded",
        ...{ type: null, requestId: null },
        startedMs: 2,
        ms: 40,
        charge: "probably",
        costUsd: 1.2e-8,
      },
    ]);
    expect(told.costs.map((cost: { class: string; costUsd: number }) => [cost.class, cost.costUsd])).toEqual([
      ["input", 0.003003001],
      ["output", 0.000105],
      ["cacheRead", 0.000000902],
      ["webSearch", 0.02],
    ]);
    expect(told.costs[0].rateUsd).toBe(3.000001);
    expect(told.meters.map(({ period }: { period: string }) => period)).toEqual(["day", "total"]);
    expect(await get(`/admin/usage/requests/${told.logId}`)).toEqual(told);
    for (const id of ["nothing", "1-1"])
      expect((await desk.admin("GET", `/admin/usage/requests/${id}`)).status).toBe(404);
  });

  test("are exported by the filters of the list", async () => {
    await log({ id: "good", model: "claude-a" });
    await log({ id: "bad", model: "claude-b", status: 500, outcome: "failed" });
    await log({ id: "other", model: "gpt-c" });
    const ids = async (filter: string) => {
      const { csv } = await get("/admin/usage/export", `of=requests&${filter}`);
      return ["good", "bad", "other"].filter((id) => (csv as string).includes(`"${id}"`));
    };
    expect(await ids("model=claude-*")).toEqual(["good", "bad"]);
    expect(await ids("status=5xx")).toEqual(["bad"]);
    expect(await ids("search=gpt")).toEqual(["other"]);
    expect(await ids(`key=${ann.id}&outcome=complete&model=claude-a`)).toEqual(["good"]);
    expect(await ids("key=nobody")).toEqual([]);
    const narrowed = await desk.admin("GET", "/admin/usage/export", { query: "of=key&model=claude-a" });
    expect([narrowed.status, narrowed.text]).toEqual([400, expect.stringContaining("model")]);
  });

  test("tell how far a search has looked, until it has looked at all", async () => {
    await log({ id: "needle", model: "rare" });
    const hay = JSON.stringify(buildEvent({ id: "hay", model: "common" }));
    for (let index = 0; index < 25; index += 1)
      await Promise.all(Array.from({ length: 1_000 }, () => desk.store.append("usage", hay)));
    const pages = [];
    for (let before: string | null = ""; before !== null; before = pages.at(-1)?.next ?? null)
      pages.push(await get("/admin/usage/requests", `search=rare${before ? `&before=${before}` : ""}`));
    expect(pages.map(({ items }) => items.length)).toEqual([0, 0, 1]);
    expect(pages.map(({ looked }) => looked as number)).toEqual([10_000, 10_000, expect.any(Number)]);
    expect(pages.slice(0, 2).every(({ lookedTo, oldestAt }) => oldestAt <= lookedTo)).toBe(true);
    expect(pages.at(-1)).toMatchObject({ next: null, oldestAt: null });
    const times = pages.map(({ lookedTo }) => lookedTo as number);
    expect([...times].sort((one, other) => other - one)).toEqual(times);
  });

  test("are found by when they came, and added up by a filter, hour by hour", async () => {
    const hourMs = 3_600_000;
    await log({ id: "old", at: now - 5 * hourMs, costNanos: 1e9 });
    await log({ id: "failed", at: now - 2 * hourMs, costNanos: 2e9, status: 500, outcome: "failed" });
    await log({ id: "new", at: now - 2 * hourMs + 60_000, costNanos: 4e9, key: bob.id });
    const ids = async (query: string) =>
      (await get("/admin/usage/requests", query)).items.map(({ id }: { id: string }) => id);
    const span = `since=${now - 2 * hourMs}&until=${now - 2 * hourMs + 60_000}`;
    expect(await ids(span)).toEqual(["failed"]);
    expect(await ids(`until=${now - 2 * hourMs}`)).toEqual(["old"]);
    expect(await ids(`since=${now - 2 * hourMs}`)).toEqual(["new", "failed"]);
    const step = { startAt: Math.floor((now - 2 * hourMs) / hourMs) * hourMs, requests: 2, errors: 1 };
    expect(await get("/admin/usage/requests/sums", `since=${now - 3 * hourMs}`)).toMatchObject({
      ...{ figures: { requests: 2, errors: 1, costUsd: 6 }, steps: [step], next: null },
    });
    const ofBob = await get("/admin/usage/requests/sums", `key=${bob.id}&by=client`);
    expect(ofBob).toMatchObject({ figures: { requests: 1 }, groups: [{ figures: { costUsd: 4 } }] });
    const split = await get("/admin/usage/requests/sums", "by=tag&split=key&tag=web");
    expect(split.groups).toMatchObject([
      { id: "team", split: { name: "Ann" }, figures: { requests: 2 } },
      { id: "web", split: { name: "Ann" }, figures: { requests: 2 } },
    ]);
    const { csv } = await get("/admin/usage/export", `of=requests&${span}`);
    expect(["old", "failed", "new"].filter((id) => (csv as string).includes(`"${id}"`))).toEqual(["failed"]);
  });

  test("that failed at an account are told with how far one has looked", async () => {
    const page = await get("/admin/usage/accounts/a1/failures");
    expect(page).toMatchObject({ items: [], next: null, oldestAt: null });
  });

  test("are exported as CSV that no spreadsheet runs", async () => {
    await log({ model: '=cmd|"calc"!A1' });
    const file = await get("/admin/usage/export", "of=requests");
    expect(file.name).toMatch(/^usage-requests-.*\.csv$/);
    expect(file.csv).toContain(`"'=cmd|""calc""!A1"`);
    expect((await get("/admin/usage/export", "of=key")).csv).toMatch(new RegExp(`"${today()}","${ann.id}","Ann",1,`));
  });
});

test("a file is sent as one to a client that asks for CSV, and only to one that is signed in", async () => {
  await log({});
  const { handle } = await import("../../endpoints/admin/usage.ts");
  const told = await desk.admin("POST", "/admin/usage/overview");
  expect(told.status).toBe(405);
  const session = await desk.ask("POST", "/admin/session", {
    body: { username: "admin", password: "correct horse battery", bearer: true },
  });
  const request = (headers: Record<string, string>) => ({
    id: "r",
    method: "GET",
    path: "/admin/usage/export",
    query: "of=key",
    params: {},
    headers: { accept: "text/csv", ...headers },
    ip: "192.0.2.1",
    signal: new AbortController().signal,
    body: () => Promise.resolve(Buffer.alloc(0)),
  });
  const file = await handle(request({ authorization: `Bearer ${session.body.token}` }), desk.env);
  expect(file.headers["content-type"]).toBe("text/csv; charset=utf-8");
  expect(String(file.body)).toMatch(/^"day","key","name","requests"/);
  expect((await handle(request({}), desk.env)).status).toBe(401);
});

test.each([["=1+1"], ["+1"], ["-1"], ["@SUM(A1)"], ["\t=1"], ["\r=1"], [" =1"], ["|x"], ["%1"]])(
  "the cell %j is text",
  (cell) => {
    expect(buildCsv(["a"], [[cell]])).toBe(`"a"\r\n"'${cell}"\r\n`);
  },
);

test("cells keep quotes, commas, line breaks, small numbers and nothing", () => {
  expect(
    buildCsv(
      ["a", "b"],
      [
        ['say "hi", you\nthere', 0.0000001],
        [null, -2],
      ],
    ),
  ).toBe('"a","b"\r\n"say ""hi"", you\nthere",0.0000001\r\n,-2\r\n');
});

describe("drift", () => {
  test("is told and, when asked for, mended", async () => {
    await log({ key: bob.id, costNanos: 500_000_000 });
    desk.pass(10_000);
    const path = `/admin/usage/keys/${bob.id}/drift`;
    expect(await get(path)).toMatchObject({
      isOff: true,
      isMended: false,
      meters: [
        { period: "day", tokens: 15, costUsd: 0.5, families: { sonnet: 0.5 } },
        { period: "total", log: { costUsd: 0.5 } },
      ],
    });
    expect((await desk.admin("POST", path)).body).toMatchObject({ isOff: true, isMended: true });
    expect(await get(path)).toMatchObject({ isOff: false });
  });
});

test("the retention is a setting", async () => {
  expect(await get("/admin/usage/retention")).toEqual({ logDays: 7, logEvents: 50_000, dayRows: 400, hourRows: 35 });
  const body = { logDays: 2, logEvents: 5_000, dayRows: 100, hourRows: 10 };
  expect((await desk.admin("PUT", "/admin/usage/retention", { body })).status).toBe(200);
  expect(await get("/admin/usage/retention")).toEqual(body);
  expect((await desk.admin("PUT", "/admin/usage/retention", { body: { ...body, logDays: 0 } })).status).toBe(400);
});

describe("a call that failed", () => {
  const attempt = {
    account: "a1",
    startedMs: 1,
    ms: 2,
    charge: "none",
    costNanos: 0,
    type: "invalid_request_error",
  } as const;
  const refused = {
    outcome: "failed",
    attempts: [{ ...attempt, status: 400, reason: "prompt is too long", requestId: "req_01LL" }],
  } as const;

  test.each(["prompt is TOO long", "req_01LL", "invalid_request_error"])(
    "is found by %s, and its detail tells it",
    async (search) => {
      const { id } = await log({ ...refused, status: 400, failure: "request.refused: prompt is too long" });
      await log({});
      const page = await get("/admin/usage/requests", `search=${encodeURIComponent(search)}`);
      expect(page.items.map((item: { id: string }) => item.id)).toEqual([id]);
      const detail = await get(`/admin/usage/requests/${id}`);
      expect(detail).toMatchObject({ blame: "client", status: 400, clientStatus: 400 });
      expect(detail.tries).toMatchObject([
        { reason: "prompt is too long", type: "invalid_request_error", requestId: "req_01LL" },
      ]);
    },
  );

  test("is its client's fault by the status, also in entries of before; both statuses are told and found", async () => {
    await log({ ...refused, status: 404, failure: "upstream.refused: model: x" });
    const { id } = await log({
      outcome: "refused",
      status: 503,
      clientStatus: 529,
      failure: "account.cooling: all rest",
    });
    const byStatus = async (status: string) =>
      (await get("/admin/usage/requests", `status=${status}`)).items.map(
        (item: { clientStatus: number; blame: string }) => [item.clientStatus, item.blame],
      );
    expect(await byStatus("404")).toEqual([[404, "client"]]);
    expect(await byStatus("529")).toEqual([[529, "capacity"]]);
    expect(await byStatus("503")).toEqual([[529, "capacity"]]);
    expect((await get(`/admin/usage/requests/${id}`)).clientStatus).toBe(529);
  });
});
