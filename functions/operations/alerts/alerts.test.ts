import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDesk, type Desk } from "../../../test/admin/desk.ts";
import { buildEvent } from "../../../test/usage.ts";
import { runCleanup } from "../jobs/cleanup.ts";
import { Failure } from "../../failure.ts";
import { auditLog } from "../../core/people/audit.ts";
import { accountFields, poolTable, putPool } from "../../core/accounts/pool.ts";
import { usageLog } from "../../core/usage/log.ts";
import { pullBody, type Outbound } from "../../wire/dispatch.ts";
import { alertState } from "./check.ts";

const sent: Outbound[] = [];
let answer: { status: number; text: string };
let desk: Desk;

beforeEach(async () => {
  sent.length = 0;
  answer = { status: 200, text: "ok" };
  desk = await openDesk((outbound) => {
    sent.push(outbound);
    const chunks = [Buffer.from(answer.text)];
    return Promise.resolve({
      status: answer.status,
      headers: {},
      body: pullBody(
        async () => chunks.pop(),
        () => undefined,
      ),
    });
  });
});
afterEach(() => desk.stop());

const api = async (method: string, path: string, body?: object) =>
  (await desk.admin(method, `/admin/alerts${path}`, { body })).body;
const addChannel = (kind: string, more: object = {}) =>
  api("POST", "/channels", { kind, url: "https://chat.example/hook/hooksecret77", ...more });
const stop = (reason: string | undefined) =>
  putPool(
    accountFields("a1", { name: "Work", kind: "anthropic", createdAt: 1, ...{ stoppedBecause: reason } }),
    desk.env,
  );
const run = () => runCleanup(desk.env);
const texts = () => sent.map(({ body }) => (JSON.parse(String(body)) as { text: string }).text.split("\n")[0]);
const hours = (count: number) => desk.pass(count * 3_600_000);

describe("an alert", () => {
  test("is told once, again after the reminder's hours, and when it is over", async () => {
    await addChannel("slack");
    await api("PATCH", "", { reminderHours: 12 });
    await run();
    await stop("the credential was refused");
    for (let runs = 0; runs < 3; runs += 1) await run();
    expect(texts()).toEqual(["*[Alert] Account stopped: Work*"]);
    expect((await api("GET", "")).active).toMatchObject([{ rule: "account-stopped", subject: "Work" }]);
    hours(13);
    for (let runs = 0; runs < 2; runs += 1) await run();
    await stop(undefined);
    for (let runs = 0; runs < 2; runs += 1) await run();
    expect(texts().map((text) => text?.split("]")[0])).toEqual(["*[Alert", "*[Still so", "*[Over"]);
    const { active, history } = await api("GET", "");
    expect(active).toEqual([]);
    expect(history.map(({ turn }: { turn: string }) => turn)).toEqual(["cleared", "reminder", "raised"]);
  });

  test("costs no command while no channel is on, and two when there is nothing to tell", async () => {
    await api("PATCH", "", { off: ["budget-reached", "error-rate"] });
    // The first clean-up of all builds the filter of older keys.
    await run();
    desk.calls.length = 0;
    await run();
    expect(desk.calls.map(({ method }) => method)).toEqual(["list"]);
    await addChannel("slack");
    desk.calls.length = 0;
    await run();
    expect(desk.calls.map(({ method }) => method)).toEqual(["list", "read"]);
  });

  test("is told by one of two instances that look at the same time", async () => {
    await addChannel("slack");
    await stop("refused");
    await Promise.all([run(), runCleanup(desk.other().env)]);
    expect(sent.length).toBe(1);
  });

  test("that can wait is not told in quiet hours but after them, one that is critical at once", async () => {
    await addChannel("slack");
    const hour = new Date(desk.env.now() + 8 * 3_600_000).getUTCHours();
    await api("PATCH", "", { quiet: { fromHour: hour, toHour: (hour + 2) % 24 } });
    const windows = [{ name: "5h", utilization: 0.95, resetAt: desk.env.now() + 9e7 }];
    await stop("refused");
    await putPool({ "window/a1": windows }, desk.env);
    await run();
    expect(texts()).toEqual(["*[Alert] Account stopped: Work*"]);
    hours(2);
    await run();
    expect(texts().slice(1)).toEqual(["*[Alert] Window nearly used up: Work*"]);
  });

  test("that a channel did not take is told to that channel again, five times at most, and to no other", async () => {
    await addChannel("slack");
    await addChannel("wecom");
    await stop("refused");
    for (let runs = 0; runs < 9; runs += 1) await run();
    const kinds = sent.map(({ body }) => ("msgtype" in (JSON.parse(String(body)) as object) ? "wecom" : "slack"));
    expect(kinds.filter((kind) => kind === "slack")).toHaveLength(1);
    expect(kinds.filter((kind) => kind === "wecom")).toHaveLength(5);
    answer = { status: 200, text: '{"errcode":0}' };
    expect((await api("GET", "")).history[0].failed).toMatchObject([{ error: "The channel answered 200: ok" }]);
  });

  test("of the error rate counts calls that reached an account, and speaks Chinese where asked to", async () => {
    await addChannel("slack");
    await api("PATCH", "", { language: "zh" });
    const at = desk.env.now();
    const append = (index: number, more: object) =>
      desk.store.append(usageLog, JSON.stringify(buildEvent({ id: `e${index}`, at, ...more })));
    for (let index = 0; index < 30; index += 1)
      await append(index, { account: undefined, status: 429, outcome: "refused" });
    await run();
    expect(sent).toEqual([]);
    desk.pass(70_000);
    for (let index = 30; index < 60; index += 1)
      await append(index, {
        account: "a1",
        ...(index < 40 ? { status: 502, outcome: "failed" } : { status: 200, outcome: "complete" }),
      });
    await run();
    expect(texts()).toEqual(["*[告警] 大量请求失败*"]);
    expect(String(sent[0]?.body)).toContain("30 次请求有 10 次失败(33 %)");
  });

  test("of a budget names the key, its limit and what it used", async () => {
    await addChannel("slack");
    const { id } = (await desk.admin("POST", "/admin/keys", { body: { name: "ci", dailyCostUsd: 2, totalCostUsd: 9 } }))
      .body;
    await desk.store.append(
      usageLog,
      JSON.stringify(buildEvent({ key: id, at: desk.env.now(), costNanos: 2_500_000_000 })),
    );
    await run();
    expect(texts()).toEqual(["*[Alert] Budget reached: ci*"]);
    expect(String(sent[0]?.body)).toContain("has used $2.50 of its daily limit of $2.00");
  });

  test("of a store that is down is told once from memory, and that it is back", async () => {
    await addChannel("slack");
    await run();
    const { list } = desk.store;
    desk.env.store.list = () => Promise.reject(new Failure("store.unavailable", { message: "The store is gone." }));
    for (let runs = 0; runs < 2; runs += 1) await expect(run()).rejects.toThrow("The store is gone.");
    desk.env.store.list = list.bind(desk.store);
    await run();
    expect(texts()).toEqual(["*[Alert] Store is down*", "*[Over] Store is down*"]);
  });
});

describe("a channel", () => {
  const trial = async (kind: string, more: object, text = "{}") => {
    const { id } = await addChannel(kind, more);
    answer = { status: 200, text };
    const told = await api("POST", `/channels/${id}/test`);
    const { url, body, headers } = sent.at(-1) ?? {};
    return { told, url: String(url), body: JSON.parse(String(body)), headers, raw: String(body) };
  };
  const hmac = (key: string, text: string) => createHmac("sha256", key).update(text).digest("base64");

  test("of one's own is signed as Standard Webhooks says", async () => {
    const { told, headers = {}, raw, body } = await trial("webhook", { secret: `whsec_${btoa("the key")}` });
    expect(told).toEqual({ isTaken: true, error: null });
    const text = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${raw}`;
    expect(headers["webhook-signature"]).toBe(`v1,${hmac("the key", text)}`);
    expect(body).toMatchObject({ type: "alert.test", data: { title: "[Test] Claude Relay" } });
  });

  test("of Feishu, DingTalk, WeCom, Discord or Telegram gets the body that each documents, and is believed by its answer", async () => {
    const feishu = await trial("feishu", { secret: "s1" }, '{"code":0}');
    expect(feishu.body).toMatchObject({ msg_type: "text", sign: hmac(`${feishu.body.timestamp}\ns1`, "") });
    const dingtalk = await trial(
      "dingtalk",
      { url: "https://chat.example/send?access_token=t", secret: "s2" },
      '{"errcode":0}',
    );
    const query = new URL(dingtalk.url).searchParams;
    expect(query.get("sign")).toBe(hmac("s2", `${query.get("timestamp")}\ns2`));
    expect([query.get("access_token"), dingtalk.body.msgtype]).toEqual(["t", "text"]);
    const wecom = await trial("wecom", {}, '{"errcode":0}');
    expect(wecom.body).toMatchObject({ msgtype: "text", text: { content: expect.stringContaining("[Test]") } });
    const discord = await trial("discord", {}, "");
    expect(discord.body).toMatchObject({ content: expect.stringContaining("[Test]"), allowed_mentions: { parse: [] } });
    const telegram = await trial(
      "telegram",
      { url: undefined, token: "12:tokensecret99", chatId: "@team" },
      '{"ok":true}',
    );
    expect([telegram.url, telegram.body.chat_id]).toEqual([
      "https://api.telegram.org/bot12:tokensecret99/sendMessage",
      "@team",
    ]);
    for (const { told } of [feishu, dingtalk, wecom, discord, telegram]) expect(told.isTaken).toBe(true);
    const refused = await trial("feishu", { secret: "s1" }, '{"code":19021,"msg":"sign match fail for s1"}');
    expect(refused.told.error).toContain("19021");
  });

  test("shows no secret: not in the API, not in the store, not in an error, the process log or the audit log", async () => {
    const secrets = { secret: "signsecret88" };
    const { id } = await addChannel("webhook", secrets);
    answer = { status: 500, text: "cannot take https://chat.example/hook/hooksecret77 with signsecret88" };
    const told = [
      await api("POST", `/channels/${id}/test`),
      await api("PATCH", `/channels/${id}`, { name: "ops" }),
      await api("GET", `/channels/${id}`),
      await api("GET", ""),
    ];
    await stop("refused");
    await run();
    const kept = [await desk.store.list(poolTable), await desk.store.read([alertState]), desk.logs];
    const audit = await desk.store.readLog(auditLog, "0", 100);
    for (const text of [told, kept, audit].map((each) => JSON.stringify(each))) {
      expect(text).not.toContain("hooksecret77");
      expect(text).not.toContain("signsecret88");
    }
    expect(JSON.stringify(told[3])).toContain('"place":"chat.example"');
    expect(told[0].error).toContain("The channel answered 500");
    expect(sent.at(-1)?.url).toContain("hooksecret77");
  });

  test("keeps the secrets that a change does not name, and takes them with it when it goes", async () => {
    const { id } = await addChannel("webhook", { secret: "signsecret88" });
    expect((await api("PATCH", `/channels/${id}`, { secret: "" })).has).toEqual(["url"]);
    expect((await api("PATCH", `/channels/${id}`, { isEnabled: false })).has).toEqual(["url"]);
    await desk.admin("DELETE", `/admin/alerts/channels/${id}`);
    expect(Object.keys(await desk.store.list(poolTable)).filter((field) => field.includes(id))).toEqual([]);
  });

  test("is refused without what it needs, and at an address that the relay never connects to", async () => {
    const code = async (body: object) => (await desk.admin("POST", "/admin/alerts/channels", { body })).status;
    expect(await code({ kind: "slack" })).toBe(400);
    expect(await code({ kind: "telegram", token: "12:ab" })).toBe(400);
    expect(await code({ kind: "mail", host: "smtp.example", from: "a@b.example" })).toBe(400);
    expect(await code({ kind: "slack", url: "http://169.254.169.254/latest" })).toBe(400);
  });

  test("of mail speaks SMTP, and says what the server said", async () => {
    const server = await startSmtp();
    const { port } = server.address() as AddressInfo;
    const mail = { url: undefined, host: "127.0.0.1", port, from: "relay@b.example", to: ["ops@b.example"] };
    const { id } = await addChannel("mail", mail);
    expect(await api("POST", `/channels/${id}/test`)).toEqual({ isTaken: true, error: null });
    expect(server.heard()).toContain("RCPT TO:<ops@b.example>");
    expect(server.heard()).toContain("Subject: [Test] Claude Relay");
    await api("PATCH", `/channels/${id}`, { username: "relay", password: "mailsecret66" });
    const told = await api("POST", `/channels/${id}/test`);
    expect(told.isTaken).toBe(false);
    expect(server.heard()).not.toContain("mailsecret66");
    await new Promise((resolve) => server.close(resolve));
  });
});

/** As much of RFC 5321 as one mail takes; no TLS. */
async function startSmtp(): Promise<Server & { heard(): string }> {
  let heard = "";
  const server = createServer((socket) => {
    let isData = false;
    socket.write("220 mail.example\r\n");
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      const text = chunk.toString();
      heard += text;
      if (isData) {
        if (!heard.endsWith("\r\n.\r\n")) return;
        isData = false;
        socket.write("250 taken\r\n");
      } else if (text.startsWith("DATA")) {
        isData = true;
        socket.write("354 go on\r\n");
      } else socket.write(text.startsWith("QUIT") ? "221 bye\r\n" : "250 mail.example\r\n");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(server, { heard: () => heard });
}
