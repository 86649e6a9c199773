import { afterAll, beforeAll, expect, test } from "vitest";
import type { Desk } from "../../../test/admin/desk.ts";
import { openDesk } from "../../../test/admin/desk.ts";

let desk: Desk;
/** The desk of a relay that may not go into its own network, as with Redis or Upstash. */
let shut: Omit<Desk, "stop">;

beforeAll(async () => {
  desk = await openDesk();
  shut = desk.other({ ALLOW_PRIVATE_UPSTREAMS: "false" });
});
afterAll(() => desk.stop());

const draft = (more: object) => ({
  body: { name: "one", kind: "anthropic", credential: { kind: "api-key", secret: "sk-ant-1" }, ...more },
});

test.each([
  ["baseUrl", "http://127.0.0.1:11434"],
  ["baseUrl", "http://2130706433/"],
  ["baseUrl", "https://[::ffff:10.0.0.1]/v1"],
  ["baseUrl", "http://localhost:4000"],
  ["proxy", "socks5://me:word@192.168.0.2:1080"],
  ["proxy", "http://100.64.0.9:7890"],
])("a %s of %s is refused in words when it is saved, and nothing is written", async (field, url) => {
  const told = await shut.admin("POST", "/admin/accounts", draft({ [field]: url }));
  expect([told.status, told.body.error.field]).toEqual([400, field]);
  expect(told.body.error.message).toContain("ALLOW_PRIVATE_UPSTREAMS=true");
  expect((await shut.admin("GET", "/admin/accounts")).body.total).toBe(0);
});

test("with the embedded store a private address is taken, a cloud's metadata service is not", async () => {
  const made = await desk.admin("POST", "/admin/accounts", draft({ baseUrl: "http://127.0.0.1:11434" }));
  expect(made.status).toBe(201);
  const path = `/admin/accounts/${String(made.body.id)}`;
  const told = await desk.admin("PATCH", path, { body: { baseUrl: "http://169.254.169.254/latest" } });
  expect([told.status, told.body.error.field]).toEqual([400, "baseUrl"]);
  const changed = await shut.admin("PATCH", path, { body: { proxy: "http://10.0.0.1:3128" } });
  expect([changed.status, changed.body.error.field]).toEqual([400, "proxy"]);
  await desk.admin("DELETE", path);
});

test("the addresses of a sign-in are looked at too, before anybody signs in", async () => {
  const body = { kind: "claude", settings: { tokenUrl: "http://169.254.169.254/token" } };
  const told = await desk.admin("POST", "/admin/oauth/start", { body });
  expect([told.status, told.body.error.field]).toEqual([400, "settings.tokenUrl"]);
});
