import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { buildRig } from "../../../test/observe-rig.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());
const turn = () => new Promise((resolve) => setImmediate(resolve));
const event = (name: string) => `event: content_block_delta\ndata: {"type":"content_block_delta","x":"${name}"}\n\n`;
const last = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';

test("what comes just after a write waits for company, and what comes later than that never waits", async () => {
  const { body, writes, begin } = buildRig(event("0"));
  begin();
  await turn();
  expect(writes).toEqual([event("0")]);
  for (const name of ["1", "2", "3"]) body.push(Buffer.from(event(name)));
  await turn();
  expect(writes).toHaveLength(1);
  vi.advanceTimersByTime(25);
  expect(writes.slice(1)).toEqual([event("1") + event("2") + event("3")]);
  vi.advanceTimersByTime(25);
  body.push(Buffer.from(event("4")));
  await turn();
  expect(writes.at(-1)).toBe(event("4"));
});

test("the end of an answer takes along what waits, and a break too", async () => {
  for (const isBroken of [false, true]) {
    const { body, writes, ends, begin } = buildRig(event("0"));
    begin();
    body.push(Buffer.from(event("1")));
    await turn();
    body.push(Buffer.from(isBroken ? event("2") : last));
    if (isBroken) body.fail(new Error("cut"));
    else body.end();
    await turn();
    expect(writes.join("")).toContain(event("0") + event("1") + (isBroken ? event("2") : last));
    expect(ends.map(({ outcome }) => outcome)).toEqual([isBroken ? "broken" : "complete"]);
  }
});

test("what had come while the answer was judged goes out with its beginning", async () => {
  const { body, writes, begin } = buildRig(event("0"));
  body.push(Buffer.from(event("1")));
  begin();
  await turn();
  expect(writes.join("")).toBe(event("0") + event("1"));
});
