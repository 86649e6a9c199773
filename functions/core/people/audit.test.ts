import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDesk, type Desk } from "../../../test/admin/desk.ts";
import { appendAudit, auditHead, auditLog, auditRetention, listAudit, verifyAudit, type AuditAction } from "./audit.ts";

let desk: Desk;
beforeEach(async () => (desk = await openDesk()));
afterEach(() => desk.stop());

const action = (more: Partial<AuditAction> = {}): AuditAction => ({
  ...{ at: 1, who: "admin", ip: "192.0.2.1", operation: "updateKey", target: "one", status: 200, request: "r" },
  ...more,
});
const readAll = () => desk.store.readLog(auditLog, "0", 1_000);

/** Another log in which one entry is different, with the same head. */
async function rewrite(change: (entries: string[]) => string[]): Promise<void> {
  const entries = (await readAll()).map(({ entry }) => entry);
  await desk.store.remove([auditLog]);
  for (const entry of change(entries)) await desk.store.append(auditLog, entry);
}

describe("the audit log", () => {
  test("is one chain, whoever appends at the same time on whatever instance", async () => {
    const other = desk.other();
    await Promise.all(Array.from({ length: 20 }, (_, at) => appendAudit(action({ at }), (at % 2 ? desk : other).env)));
    expect(await verifyAudit(desk.env)).toEqual({ isWhole: true, entries: 20, from: 1, to: 20, problems: [] });
    const numbers = (await readAll()).map(({ entry }) => (JSON.parse(entry) as { number: number }).number);
    expect(numbers.toSorted((one, two) => one - two)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
  });

  test("shows an entry that was changed, taken out, put in or cut off at either end", async () => {
    for (let at = 1; at <= 5; at += 1) await appendAudit(action({ at }), desk.env);
    const entries = (await readAll()).map(({ entry }) => entry);
    const check = async (change: (entries: string[]) => string[]) => {
      await rewrite(() => change(entries));
      return (await verifyAudit(desk.env)).problems;
    };
    const forged = (entry: string) => entry.replace('"who":"admin"', '"who":"nobody"');
    expect(await check((all) => all)).toEqual([]);
    expect(await check((all) => all.with(2, forged(all[2] ?? "")))).toEqual([{ number: 3, problem: "changed" }]);
    expect(await check((all) => all.toSpliced(2, 1))).toEqual([{ number: 3, problem: "missing" }]);
    expect(await check((all) => all.slice(1))).toEqual([{ number: 1, problem: "missing" }]);
    expect(await check((all) => all.slice(0, 4))).toEqual([{ number: 5, problem: "missing" }]);
    expect(await check((all) => [...all, "{}"])).toEqual([{ number: 0, problem: "unreadable" }]);
    expect(await check((all) => [...all, all[1] ?? ""])).toEqual([{ number: 2, problem: "doubled" }]);
  });

  test("shows a chain that was forged anew from the middle on, since its head is kept apart", async () => {
    for (let at = 1; at <= 3; at += 1) await appendAudit(action({ at }), desk.env);
    const head = (await desk.store.read([auditHead]))[0] ?? "";
    const [first] = (await readAll()).map(({ entry }) => entry);
    await desk.store.remove([auditLog, auditHead]);
    const forger = desk.other();
    for (let at = 1; at <= 3; at += 1) await appendAudit(action({ at, who: at > 1 ? "nobody" : "admin" }), forger.env);
    await desk.store.write(auditHead, head);
    expect((await readAll())[0]?.entry).toBe(first);
    expect((await verifyAudit(desk.env)).problems).toEqual([{ number: 3, problem: "head" }]);
  });

  test("keeps the newest ten thousand entries, costs four commands each, and is whole after the cut", async () => {
    const { stretch, stretches } = auditRetention;
    const head = { number: stretch * stretches, hash: "h", marks: [] as string[], cut: 0 };
    for (let at = 0; at < stretches; at += 1) head.marks.push(await desk.store.append(auditLog, "old"));
    await desk.store.write(auditHead, JSON.stringify(head));
    await appendAudit(action(), desk.env);
    const kept = await readAll();
    expect(kept.map(({ entry }) => entry === "old").filter(Boolean)).toHaveLength(stretches - 1);
    expect(JSON.parse((await desk.store.read([auditHead]))[0] ?? "")).toMatchObject({ cut: stretch });
    desk.calls.length = 0;
    await appendAudit(action(), desk.env);
    expect(desk.calls.map(({ method }) => method)).toEqual(["fold", "append"]);
  });

  test("is listed newest first, page by page, by operation and by each of its targets", async () => {
    for (let at = 1; at <= 7; at += 1)
      await appendAudit(action({ at, target: `all n${at}`, operation: at % 2 ? "odd" : "even" }), desk.env);
    const list = async (filter: Parameters<typeof listAudit>[0], before = "+", most = 3) => {
      const { items, next } = await listAudit(filter, { before, most }, desk.env);
      return { numbers: items.map(({ entry }) => entry.number), next };
    };
    const first = await list({});
    expect(first.numbers).toEqual([7, 6, 5]);
    const second = await list({}, first.next ?? "");
    expect(second.numbers).toEqual([4, 3, 2]);
    expect(await list({}, second.next ?? "")).toEqual({ numbers: [1], next: null });
    expect((await list({ operation: "odd" })).numbers).toEqual([7, 5, 3]);
    expect(await list({ target: "n2" })).toEqual({ numbers: [2], next: null });
    expect(await list({ target: "n" })).toEqual({ numbers: [], next: null });
  });
});
