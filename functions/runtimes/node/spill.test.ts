import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { testEnvironment } from "../../../test/environment.ts";
import { buildEvent } from "../../../test/usage.ts";
import { parseConfig } from "../../config.ts";
import { Failure } from "../../failure.ts";
import { appendEvent, flushEvents, usageLog, writeSettled } from "../../core/usage/log.ts";
import { openStore } from "../../stores/index.ts";
import { underLease } from "../../operations/jobs/lease.ts";
import { startServer } from "./node.ts";
import { openSpillFile } from "./spill-file.ts";

async function start() {
  const directory = mkdtempSync(join(tmpdir(), "relay-spill-"));
  const kept = await openStore({ prefix: "relay:", dataDir: directory }, Date.now);
  let isDown = true;
  const orRefuse = <Given extends unknown[], Told>(verb: (...given: Given) => Promise<Told>) => {
    return (...given: Given) => (isDown ? Promise.reject(new Failure("store.unavailable")) : verb(...given));
  };
  const [append, record, count] = [orRefuse(kept.append), orRefuse(kept.record), orRefuse(kept.count)];
  const lines: string[] = [];
  const begin = () =>
    startServer({
      config: parseConfig({ ...testEnvironment, HOST: "127.0.0.1", PORT: "0" }),
      store: { ...kept, append, record, count },
      spillFile: openSpillFile(directory),
      write: (line) => void lines.push(line),
    });
  const server = await begin();
  const stop = async () => {
    await kept.close();
    rmSync(directory, { recursive: true, force: true });
  };
  const spilled = () => lines.filter((line) => line.includes('"usageEvent":'));
  return { server, begin, kept, stop, spilled, mend: () => void (isDown = false) };
}

test("an event that the store has not taken when the server closes stands in the process log", async () => {
  const { server, spilled, stop } = await start();
  await appendEvent(buildEvent({ id: "kept" }), server.env);
  await server.close(0);
  expect(spilled().map((line) => (JSON.parse(line) as { usageEvent: { id: string } }).usageEvent.id)).toEqual(["kept"]);
  await stop();
});

test("what the store has not taken when servers close is written by the first one that finds it well, once", async () => {
  const { server, begin, kept, mend, stop } = await start();
  const rows = () => [{ row: "meter/key/day", steps: [{ cell: 2, by: 7 }] }];
  await writeSettled({ id: "kept", event: buildEvent({ id: "kept" }), rows }, server.env);
  await server.close(0);
  // The store is still down when the next one starts, which holds it, and ends as well.
  await (await begin()).close(0);
  mend();
  const read = async () => ({
    ids: (await kept.readLog(usageLog, "0", 10)).map(({ entry }) => (JSON.parse(entry) as { id: string }).id),
    counted: await kept.count([{ row: "meter/key/day", steps: [{ cell: 2, by: 0 }] }]),
  });
  for (let starts = 0; starts < 2; starts += 1) {
    const next = await begin();
    await expect.poll(read).toEqual({ ids: ["kept"], counted: [[7]] });
    await next.close(0);
  }
  await stop();
});

test("an event that was kept for a retry is written when the server closes, once the store is well", async () => {
  const { server, kept, spilled, mend, stop } = await start();
  await appendEvent(buildEvent({ id: "kept" }), server.env);
  mend();
  await server.close(0);
  expect(spilled()).toEqual([]);
  expect(await kept.readLog(usageLog, "0", 10)).toHaveLength(1);
  await stop();
});

test("events that fail while others are being retried are each written once", async () => {
  const { server, kept, mend, stop } = await start();
  for (const id of ["a", "b", "c"]) await appendEvent(buildEvent({ id }), server.env);
  mend();
  await Promise.all([flushEvents(server.env), flushEvents(server.env), flushEvents(server.env)]);
  const entries = await kept.readLog(usageLog, "0", 10);
  expect(entries.map(({ entry }) => (JSON.parse(entry) as { id: string }).id)).toEqual(["a", "b", "c"]);
  await server.close(0);
  await stop();
});

test("the lease of a run that the end of the server cuts off is given back, and nobody else's", async () => {
  const { server, kept, stop } = await start();
  let begun = 0;
  const endless = () => new Promise<never>(() => void (begun += 1));
  for (const name of ["rollup", "cleanup"]) server.env.after(underLease(name, 180, endless, server.env));
  await kept.write("lease/refresh", "another process", { ttlSeconds: 180 });
  await vi.waitFor(() => expect(begun).toBe(2));
  expect(await kept.read(["lease/rollup"])).toEqual([expect.any(String)]);
  await server.close(0);
  expect(await kept.read(["lease/rollup", "lease/cleanup", "lease/refresh"])).toEqual([
    undefined,
    undefined,
    "another process",
  ]);
  await stop();
});
