import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Desk } from "../../../test/admin/desk.ts";
import { environment, openDesk } from "../../../test/admin/desk.ts";
import { buildAdmin, deriveKey, isAdmin, isSame, putPassword, readAdmin } from "./password.ts";

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.stop());

describe("the operator's password", () => {
  test("is looked at whatever the name, so that a wrong name takes as long as a wrong password", async () => {
    let looks = 0;
    const admin = Object.defineProperty({ ...buildAdmin(undefined, desk.env) }, "password", {
      get: () => void (looks += 1),
    });
    expect(await isAdmin(admin, "nobody", environment.ADMIN_PASSWORD, desk.env)).toBe(false);
    expect(looks).toBeGreaterThan(0);
  });

  test("is the environment's until one is set", async () => {
    const admin = await readAdmin(desk.env);
    expect(await isAdmin(admin, "admin", environment.ADMIN_PASSWORD, desk.env)).toBe(true);
    for (const [name, password] of [
      ["admin", "wrong"],
      ["admin", ""],
      ["", environment.ADMIN_PASSWORD],
      ["Admin", environment.ADMIN_PASSWORD],
    ] as const) {
      expect(await isAdmin(admin, name, password, desk.env)).toBe(false);
    }
  });

  test("set twice the same is stored twice differently, and fits however its letters are composed", async () => {
    const one = await putPassword("Zo\u00eb's password", desk.env);
    const two = await putPassword("Zo\u00eb's password", desk.env);
    expect(one.password).not.toBe(two.password);
    expect(one.generation).not.toBe(two.generation);
    expect(await isAdmin(two, "admin", "Zoe\u0308's password", desk.env)).toBe(true);
    expect(await isAdmin(two, "admin", "Zoe's password", desk.env)).toBe(false);
  });

  test("stored under a scheme that is not known fits nothing", async () => {
    const admin = { ...(await readAdmin(desk.env)), password: "md5$x" };
    expect(await isAdmin(admin, "admin", "x", desk.env)).toBe(false);
  });
});

test("each purpose has a key of its own, none of them the secret itself", () => {
  const keys = ["admin session", "admin csrf", "admin generation"].map((label) =>
    deriveKey(label, desk.env).toString("hex"),
  );
  expect(new Set(keys).size).toBe(3);
  expect(keys).not.toContain(Buffer.from(environment.JWT_SECRET).toString("hex"));
});

test.each([
  ["", "", true],
  ["a", "a", true],
  ["a", "b", false],
  ["a", "aa", false],
])("%j and %j are the same: %s", (one, other, same) => expect(isSame(one, other)).toBe(same));
