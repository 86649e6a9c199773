import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Desk } from "../../../test/admin/desk.ts";
import { openDesk } from "../../../test/admin/desk.ts";
import { countTry, succeed, tries } from "./throttle.ts";

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
  // The start of a window, so that a test does not fall over its end.
  const windowMs = tries.windowSeconds * 1000;
  desk.pass(windowMs - (desk.env.now() % windowMs));
});
afterEach(() => desk.stop());

const outcome = async (ip: string, name = "admin", env = desk.env) =>
  countTry({ ip, name }, env).then(
    () => "tried",
    (error: unknown) => (error as { code: string }).code,
  );
const many = async (count: number, ip: (index: number) => string, name = "admin") => {
  const outcomes: string[] = [];
  for (let index = 0; index < count; index += 1) outcomes.push(await outcome(ip(index), name));
  return outcomes;
};
/** An address nobody else has. */
const crowd = (index: number) => `198.51.${index >> 8}.${index & 255}`;

describe("tries to sign in", () => {
  test("are ten an address in a quarter of an hour, and the refusal says until when", async () => {
    expect(await many(10, () => "192.0.2.1")).toEqual(Array(10).fill("tried"));
    desk.pass(60_000);
    const refusal = await countTry({ ip: "192.0.2.1", name: "admin" }, desk.env).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "login.throttled", status: 429 });
    const { retryAfterSeconds, message } = refusal as { retryAfterSeconds: number; message: string };
    expect(retryAfterSeconds).toBeGreaterThan(0);
    expect(retryAfterSeconds).toBeLessThanOrEqual(840);
    expect(message).toMatch(/from this address: 10 in 15 minutes\. Try again at \d{4}-\d\d-\d\dT/);
    desk.pass(retryAfterSeconds * 1000);
    expect(await outcome("192.0.2.1")).toBe("tried");
  });

  test("from one address do not bar another", async () => {
    await many(60, () => "192.0.2.1");
    expect(await outcome("192.0.2.2")).toBe("tried");
  });

  test("are counted over all instances", async () => {
    await many(10, () => "192.0.2.1");
    expect(await outcome("192.0.2.1", "admin", desk.other().env)).toBe("login.throttled");
  });

  test("made at once cannot slip through between a look and a count", async () => {
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => outcome("192.0.2.1")));
    expect(outcomes.filter((one) => one === "tried")).toHaveLength(10);
  });

  test("from a whole IPv6 /64 are one address's", async () => {
    await many(10, (index) => `2001:db8:1:2::${(index + 1).toString(16)}`);
    expect(await outcome("2001:db8:1:2:ffff::1")).toBe("login.throttled");
    expect(await outcome("2001:db8:1:3::1")).toBe("tried");
  });

  test("for one name are fifty from a crowd of addresses", async () => {
    expect(await many(50, crowd)).toEqual(Array(50).fill("tried"));
    expect(await outcome("203.0.113.9")).toBe("login.throttled");
    expect(await outcome("203.0.113.10", "somebody else")).toBe("tried");
  });

  test("by a crowd, or by somebody at the same address, cannot bar a browser that has signed in before", async () => {
    await many(55, crowd);
    await many(60, () => "203.0.113.5");
    const device = { ip: "203.0.113.5", name: "admin", device: "a browser's id" };
    for (let index = 0; index < 10; index += 1) await countTry(device, desk.env);
    await expect(countTry(device, desk.env)).rejects.toMatchObject({ code: "login.throttled" });
    await expect(countTry({ ...device, device: "another's" }, desk.env)).resolves.toBeDefined();
  });

  test("from a browser that has signed in before use up nobody else's", async () => {
    for (let index = 0; index < 60; index += 1) {
      await countTry({ ip: "203.0.113.5", name: "admin", device: `browser ${index}` }, desk.env);
    }
    expect(await outcome("203.0.113.5")).toBe("tried");
  });

  test("that succeed clear the name's count and do not use up the address's", async () => {
    await many(49, crowd);
    await succeed(await countTry({ ip: "203.0.113.5", name: "admin" }, desk.env), desk.env);
    expect(await many(50, (index) => crowd(index + 1000))).toEqual(Array(50).fill("tried"));
    for (let index = 0; index < 30; index += 1)
      await succeed(await countTry({ ip: "203.0.113.5", name: "another" }, desk.env), desk.env);
  });

  test("leave nothing in the store for long, and neither name nor address in clear", async () => {
    await countTry({ ip: "203.0.113.5", name: "a name \n of theirs" }, desk.env);
    const named = JSON.stringify(desk.calls);
    expect(named).not.toContain("203.0.113.5");
    expect(named).not.toContain("of theirs");
    expect(desk.calls.filter((call) => call.method === "expire")).toHaveLength(2);
  });

  test("cost two commands, and two more on success", async () => {
    await countTry({ ip: "203.0.113.5", name: "admin" }, desk.env);
    desk.calls.length = 0;
    const counted = await countTry({ ip: "203.0.113.5", name: "admin" }, desk.env);
    expect(desk.calls.map((call) => call.method)).toEqual(["count", "count"]);
    await succeed(counted, desk.env);
    expect(desk.calls.map((call) => call.method)).toEqual(["count", "count", "remove", "count"]);
  });
});
