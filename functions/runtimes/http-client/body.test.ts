import { describe, expect, test } from "vitest";
import { buildBodyQueue, type BodyQueue } from "./body.ts";

/** A connection that pushes all it has as soon as it is let go, from within `resume`, until it is held back again. */
function eager(chunks: Buffer[]): BodyQueue {
  let isPaused = false;
  const pump = () => {
    while (!isPaused && chunks.length > 0) queue.push(chunks.shift() ?? Buffer.alloc(0));
    if (!isPaused) queue.end();
  };
  const queue = buildBodyQueue({
    pause: () => void (isPaused = true),
    resume: () => {
      isPaused = false;
      pump();
    },
    drop: () => undefined,
  });
  queueMicrotask(pump);
  return queue;
}

const numbered = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, index) => Buffer.alloc(bytes, String.fromCharCode(97 + (index % 26))));

describe("a queued body", () => {
  test.each([
    [3, 10],
    [500, 1_000],
    [40, 30_000],
    [10, 200_000],
  ])("read one by one keeps the order of %i chunks of %i bytes, pushed from within resume", async (count, bytes) => {
    const expected = Buffer.concat(numbered(count, bytes));
    const { body } = eager(numbered(count, bytes));
    const seen: Uint8Array[] = [];
    for (let chunk = await body.read(); chunk; chunk = await body.read()) seen.push(chunk);
    expect(Buffer.concat(seen).equals(expected)).toBe(true);
  });

  test.each([1, 2, 3, 7, 1_000])("flowing keeps the order when every %i-th chunk is one too many", async (every) => {
    const expected = Buffer.concat(numbered(300, 9_000));
    const { body } = eager(numbered(300, 9_000));
    await Promise.resolve();
    const seen: Uint8Array[] = [];
    const ended = Promise.withResolvers<void>();
    const goOn = body.flow({
      chunk: (bytes) => {
        seen.push(bytes);
        if (seen.length % every !== 0) return true;
        setImmediate(() => goOn());
        return false;
      },
      end: ended.resolve,
      fail: ended.reject,
    });
    await ended.promise;
    expect(Buffer.concat(seen).equals(expected)).toBe(true);
  });

  test("holds no more than a few chunks for a reader that does not come", async () => {
    const chunks = numbered(300, 9_000);
    eager(chunks);
    await new Promise(setImmediate);
    expect(chunks.length).toBeGreaterThan(280);
  });

  test("gives what came before a failure, then the failure, again and again", async () => {
    const queue = buildBodyQueue({ pause: () => undefined, resume: () => undefined, drop: () => undefined });
    const failure = new Error("broke off");
    queue.push(Buffer.from("one"));
    queue.fail(failure);
    queue.push(Buffer.from("too late"));
    queue.end();
    expect(String(await queue.body.read())).toBe("one");
    await expect(queue.body.read()).rejects.toBe(failure);
    await expect(queue.body.read()).rejects.toBe(failure);
  });

  test("drops the connection once when it is cancelled, and not after its end", async () => {
    let drops = 0;
    const tap = { pause: () => undefined, resume: () => undefined, drop: () => void (drops += 1) };
    const [one, ended] = [buildBodyQueue(tap), buildBodyQueue(tap)];
    one.body.cancel();
    one.body.cancel();
    ended.end();
    ended.body.cancel();
    expect([drops, await one.body.read()]).toEqual([1, undefined]);
  });

  const steps = ["small", "large", "goOn", "end", "fail"] as const;
  const schedules = (length: number): (typeof steps)[number][][] =>
    length === 0 ? [[]] : schedules(length - 1).flatMap((before) => steps.map((step) => [...before, step]));
  const room = Buffer.alloc(200_000);

  /** Whether a reader that has taken so many wants more, and whether it asks for more before it has even returned. */
  const readers: Record<string, (taken: number, goOn: () => void) => boolean> = {
    "takes all": () => true,
    "takes one at a time": () => false,
    "takes every other": (taken) => taken % 2 === 1,
    "asks again before it returns": (_taken, goOn) => (goOn(), false),
    "asks again twice and wants more anyway": (_taken, goOn) => (goOn(), goOn(), true),
  };

  test.each(Object.keys(readers))("loses no wake-up, whatever comes in whatever order: a reader that %s", (name) => {
    for (const schedule of schedules(6)) {
      let isPaused = false;
      const tap = { pause: () => void (isPaused = true), resume: () => void (isPaused = false), drop: () => undefined };
      const queue = buildBodyQueue(tap);
      const pushed: Uint8Array[] = [];
      const seen: Uint8Array[] = [];
      let [ends, isHeld, isOver] = [0, false, false];
      let wake = () => undefined as void;
      const goOn = () => {
        isHeld = false;
        wake();
      };
      wake = queue.body.flow({
        chunk(bytes) {
          seen.push(bytes);
          isHeld = true;
          const wantsMore = readers[name]?.(seen.length, goOn) ?? true;
          if (wantsMore) isHeld = false;
          return wantsMore;
        },
        end: () => void (ends += 1),
        fail: () => void (ends += 1),
      });
      for (const step of schedule) {
        const chunk = room.subarray(0, step === "small" ? 10 : 200_000);
        if (step === "goOn") goOn();
        else if (step === "end") queue.end();
        else if (step === "fail") queue.fail(new Error("broke off"));
        else {
          if (!isOver) pushed.push(chunk);
          queue.push(chunk);
        }
        isOver ||= step === "end" || step === "fail";
        // Whoever wants more has all there is, and its end; the connection is held back for those alone that do not.
        if (!isHeld)
          expect([schedule, seen.length, ends, isPaused && !isOver]).toEqual([
            schedule,
            pushed.length,
            Number(isOver),
            false,
          ]);
        if (isHeld && seen.length < pushed.length) expect(ends).toBe(0);
        expect(seen.every((bytes, index) => bytes === pushed[index])).toBe(true);
      }
    }
  });
});
