import { expect, test } from "vitest";
import type { Received } from "../receive.ts";
import { buildRunning } from "./active-requests.ts";

const request = (id: string) => ({ id, place: -1 }) as unknown as Received;

test("those under way are the ones that were added and not taken out, whatever the order", () => {
  const running = buildRunning();
  const [a, b, c, d] = ["a", "b", "c", "d"].map(request) as [Received, Received, Received, Received];
  for (const each of [a, b, c]) running.add(each);
  running.remove(a);
  running.remove(a);
  running.remove(d);
  running.add(d);
  running.remove(b);
  const ids = running.list().map(({ id }) => id);
  expect(ids.sort()).toEqual(["c", "d"]);
});
