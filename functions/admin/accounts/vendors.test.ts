import { expect, test } from "vitest";
import { openShop } from "../../../test/admin/provider.ts";

test("what a vendor prefills is taken as an account as it stands", async () => {
  const shop = await openShop();
  const { items } = (await shop.admin("GET", "/admin/vendors")).body;
  expect(items.length).toBeGreaterThan(20);
  for (const { name, kind, baseUrl, shownAs, settings, models } of items) {
    const credential = { kind: "api-key", secret: "sk-of-a-vendor", ...(shownAs ? { shownAs } : {}) };
    const told = await shop.admin("POST", "/admin/accounts", {
      body: { name, kind, baseUrl, settings, models, credential },
    });
    expect([name, told.status]).toEqual([name, 201]);
    expect(told.body).toMatchObject({ baseUrl, models });
  }
  await shop.stop();
});

test("vendors are told to nobody who is not signed in", async () => {
  const shop = await openShop();
  expect((await shop.ask("GET", "/admin/vendors")).status).toBe(401);
  await shop.stop();
});
