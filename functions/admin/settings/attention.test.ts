import { afterEach, beforeEach, expect, test } from "vitest";
import { openDesk, type Desk } from "../../../test/admin/desk.ts";
import { addAccount, addKey } from "../../../test/rig.ts";
import { buildEvent } from "../../../test/usage.ts";
import { noteRun } from "../../core/process/job-runs.ts";
import { usageLog } from "../../core/usage/log.ts";

let desk: Desk;
beforeEach(async () => (desk = await openDesk()));
afterEach(() => desk.stop());

async function look(): Promise<[string, string, string | null][]> {
  desk.pass(10_000);
  const { body } = await desk.admin("GET", "/admin/alerts/attention");
  const items = body.items as { kind: string; name: string; detail: string | null }[];
  return items.map(({ kind, name, detail }) => [kind, name, detail]);
}

test("nothing needs a person where all is well, also a paused account and a disabled key at its limit", async () => {
  await addAccount(desk.env, { id: "a1", name: "Fine" }, { kind: "api-key", secret: "sk" });
  const paused = { id: "a2", name: "Paused", isEnabled: false, stoppedBecause: "401" };
  await addAccount(desk.env, paused, { kind: "api-key", secret: "sk" });
  const { key } = await addKey(desk.env, { name: "Off", dailyCostNanos: 1e9, isEnabled: false });
  await desk.store.append(usageLog, JSON.stringify(buildEvent({ key: key.id, at: desk.env.now(), costNanos: 2e9 })));
  expect((await look()).filter(([kind]) => kind !== "unpriced")).toEqual([]);
});

test("what stopped, is at a limit, has no price, failed or may have leaked needs a person, without any channel", async () => {
  const secret = { kind: "api-key", secret: "sk" } as const;
  await addAccount(desk.env, { id: "a1", name: "Stopped", stoppedBecause: "401: revoked" }, secret);
  const bare = { name: "Bare", kind: "anthropic" };
  expect((await desk.admin("POST", "/admin/accounts", { body: bare })).status).toBe(201);
  const limits = { dailyCostNanos: 1e9, weeklyCostNanos: 50e9, totalCostNanos: 1.5e9 };
  const { key } = await addKey(desk.env, { name: "Spent", ...limits });
  await addKey(desk.env, { name: "Leaked", leak: { networks: 9, at: desk.env.now() } });
  const event = buildEvent({ key: key.id, at: desk.env.now(), costNanos: 2e9, model: "made-up", rates: undefined });
  await desk.store.append(usageLog, JSON.stringify(event));
  const failure = { code: "internal", message: "disk full" };
  await noteRun({ job: "rollup", startedAt: desk.env.now(), ms: 1, outcome: "failed", failure }, desk.env);
  expect(await look()).toEqual([
    ["no-credential", "Bare", null],
    ["account-stopped", "Stopped", "401: revoked"],
    ["leak", "Leaked", null],
    ["limit", "Spent", "daily"],
    ["limit", "Spent", "total"],
    ["unpriced", "made-up", null],
    ["job", "rollup", "disk full"],
  ]);
});
