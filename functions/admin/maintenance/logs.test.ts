import { afterEach, beforeEach, expect, test } from "vitest";
import { openDesk, type Desk } from "../../../test/admin/desk.ts";
import { buildLogBook, type LogBook } from "../../log-book.ts";

let desk: Desk;
let book: LogBook;

beforeEach(async () => {
  desk = await openDesk();
  book = buildLogBook(desk.env.now(), 10);
  Object.assign(desk.env, { logBook: book });
});
afterEach(() => desk.stop());

const write = (level: string, event: string, fields: object = {}) =>
  book.add(`${JSON.stringify({ at: new Date(1_000).toISOString(), level, event, ...fields })}\n`);

interface Told {
  readonly items: { number: number; event: string; level: string; fields: Record<string, unknown> }[];
  readonly last: number;
  readonly isKept: boolean;
}

async function get(query = ""): Promise<Told> {
  const { status, body, text } = await desk.admin("GET", "/admin/logs", { query });
  expect(status, text).toBe(200);
  return body as unknown as Told;
}
const events = (told: Told) => told.items.map(({ event }) => event);

test("the last lines are told in order, with what they carry, and older ones are forgotten", async () => {
  for (let index = 1; index <= 14; index += 1) write("info", `e${index}`, { index });
  const told = await get();
  expect(events(told)).toEqual(["e5", "e6", "e7", "e8", "e9", "e10", "e11", "e12", "e13", "e14"]);
  expect(told.items[0]).toEqual({ number: 5, at: 1_000, level: "info", event: "e5", fields: { index: 5 } });
  expect(told.last).toBe(14);
});

test("a look that goes on from the last one tells only what came since", async () => {
  write("info", "one");
  const { last } = await get();
  write("info", "two");
  expect(events(await get(`after=${last}`))).toEqual(["two"]);
  expect(events(await get("after=2"))).toEqual([]);
});

test("by severity and by words, in any case; the newest of those that match", async () => {
  write("debug", "noise");
  write("warn", "call", { account: "Team" });
  write("error", "store down");
  expect(events(await get("level=warn"))).toEqual(["call", "store down"]);
  expect(events(await get("search=TEAM"))).toEqual(["call"]);
  expect(events(await get("level=warn&limit=1"))).toEqual(["store down"]);
});

test("what is no line of the log is left out, and a long one is not held whole", async () => {
  book.add("Claude Relay is running\n");
  book.add(`{"level":"odd","event":"x"}\n`);
  write("info", "long", { text: "x".repeat(100_000) });
  write("info", "fine");
  expect(events(await get())).toEqual(["fine"]);
  expect(Math.max(...[...book.after(0)].map(({ line }) => line.length))).toBeLessThanOrEqual(4_096);
});

test("where no lines are kept, as on Lambda, it is said", async () => {
  Object.assign(desk.env, { logBook: undefined });
  expect(await get()).toMatchObject({ items: [], last: 0, isKept: false });
});
