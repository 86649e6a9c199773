import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Desk, openDesk } from "../../../test/admin/desk.ts";

const hourMs = 3_600_000;
let desk: Desk;
let id: string;
let secret: string;

beforeEach(async () => {
  desk = await openDesk();
  ({ id, secret } = (await desk.admin("POST", "/admin/keys", { body: { name: "Ada" } })).body);
});
afterEach(() => desk.stop());

const link = async () => (await desk.admin("POST", `/admin/keys/${id}/hand-over`, { body: { secret } })).body;
const open = async (token: string) => {
  const { status, body } = await desk.ask("POST", "/admin/keys/hand-over", { body: { token } });
  return { status, ...body };
};

describe("a link that hands over a key", () => {
  test("shows the secret once, and says afterwards that it was used", async () => {
    const { token, expiresAt } = await link();
    expect(expiresAt).toBeGreaterThan(desk.env.now() + 23 * hourMs);
    expect(await open(token)).toMatchObject({ status: 201, id, name: "Ada", secret });
    const again = await open(token);
    expect([again.status, again.error.code]).toEqual([409, "record.conflict"]);
    expect(again.error.message).toMatch(/opened already.*rotate/);
  });

  test("is opened by one of many at once", async () => {
    const { token } = await link();
    const told = await Promise.all(Array.from({ length: 8 }, () => open(token)));
    expect(told.map(({ status }) => status).toSorted()).toEqual([201, ...Array<number>(7).fill(409)]);
  });

  test("ends after 24 hours, and with its key or secret", async () => {
    const ends: (() => Promise<unknown> | void)[] = [
      () => desk.admin("POST", `/admin/keys/${id}/rotate`, { body: { graceHours: 0 } }),
      () => desk.admin("DELETE", `/admin/keys/${id}`),
    ];
    for (const end of ends) {
      const { token } = await link();
      await end();
      expect((await open(token)).status).toBe(404);
      ({ id, secret } = (await desk.admin("POST", "/admin/keys", { body: { name: "Bob" } })).body);
    }
    await desk.admin("PATCH", `/admin/keys/${id}`, { body: { expiresAt: desk.env.now() + hourMs } });
    const { token } = await link();
    desk.pass(2 * hourMs);
    expect((await open(token)).status).toBe(404);
    await desk.admin("PATCH", `/admin/keys/${id}`, { body: { expiresAt: null } });
    const late = await link();
    desk.pass(25 * hourMs);
    expect((await open(late.token)).status).toBe(404);
  });

  test("keeps neither the token nor the secret in plain text", async () => {
    desk.calls.length = 0;
    const { token } = await link();
    expect((await open(token)).status).toBe(201);
    const written = JSON.stringify(desk.calls);
    expect(written).toContain("handover/");
    for (const plain of [token, secret]) expect(written).not.toContain(plain);
  });

  test("is made for a secret of that key only", async () => {
    const told = await desk.admin("POST", `/admin/keys/${id}/hand-over`, { body: { secret: `cr_${"0".repeat(64)}` } });
    expect([told.status, told.body.error.field]).toEqual([400, "secret"]);
  });

  test("costs no command where the token is made up, and both deeds are on record", async () => {
    const { token } = await link();
    await open(token);
    const { body } = await desk.admin("GET", "/admin/audit");
    const found = body.items.filter(({ operation }: { operation: string }) => /Handover$/.test(operation));
    expect(found.map((one: { operation: string; target: string }) => [one.operation, one.target])).toEqual([
      ["openHandover", id],
      ["createHandover", id],
    ]);
    expect(JSON.stringify(found)).not.toContain(secret);
    desk.calls.length = 0;
    expect((await open("0".repeat(64))).status).toBe(404);
    expect(desk.calls).toEqual([]);
  });
});
