import { setImmediate as turnOver } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { httpProxy, rawUpstream, socksProxy, type Listener } from "../../../test/contracts/sockets.ts";
import type { Dispatch, Outbound } from "../../wire/dispatch.ts";
import { buildGuard, type Guard, type Resolve } from "./guard.ts";
import { httpsDispatch } from "./https.ts";
import { undiciDispatch } from "./undici.ts";

interface Client {
  readonly dispatch: Dispatch;
  close(): Promise<void> | void;
}

const clients: Record<string, (options: { guard: Guard }) => Client> = { undici: undiciDispatch, https: httpsDispatch };
let upstream: Listener;
let calls = 0;
const opened: { close(): Promise<void> | void }[] = [];

beforeAll(async () => {
  upstream = await rawUpstream(({ socket }) => {
    calls += 1;
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  });
});
beforeEach(() => void (calls = 0));
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});
afterAll(() => upstream.close());

/** Every name has these addresses, one list after the other; the last stays. */
function names(...answers: string[][]): Resolve & { asked: string[] } {
  const asked: string[] = [];
  const resolve: Resolve = (name, _options, callback) => {
    const found = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(name);
    setImmediate(() =>
      callback(
        null,
        found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      ),
    );
  };
  return Object.assign(resolve, { asked });
}

describe.each(Object.entries(clients))("a guarded dispatch over %s", (_name, open) => {
  const start = (allowsPrivate: boolean, resolve?: Resolve) => {
    const client = open({ guard: buildGuard(allowsPrivate, resolve) });
    opened.push(client);
    return async (url: string, more: Partial<Outbound> = {}) => {
      const waits = { headTimeoutMs: 2_000, silenceTimeoutMs: 2_000 };
      const inbound = await client.dispatch({ method: "GET", url, headers: {}, ...waits, ...more });
      while (await inbound.body.read());
      return inbound.status;
    };
  };
  const refused = {
    code: "upstream.unreachable",
    message: expect.stringContaining("ALLOW_PRIVATE_UPSTREAMS") as string,
  };

  test("refuses an address inside, however it is written, and opens no connection", async () => {
    const ask = start(false);
    for (const host of ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[::1]", "localhost", "0.0.0.0"]) {
      await expect(ask(`http://${host}:${upstream.port}/`), host).rejects.toMatchObject(refused);
    }
    expect(calls).toBe(0);
  });

  test("refuses a name that says something else than when it was saved", async () => {
    const resolve = names(["127.0.0.1"]);
    await expect(start(false, resolve)(`http://rebound.example:${upstream.port}/`)).rejects.toMatchObject(refused);
    expect(resolve.asked).toEqual(["rebound.example"]);
    expect(calls).toBe(0);
  });

  test("connects to the very addresses it looked at: of a name with several only those within reach", async () => {
    const ask = start(true, names(["169.254.169.254", "127.0.0.1"]));
    expect(await ask(`http://both.example:${upstream.port}/`)).toBe(200);
  });

  test("looks up once for a connection, not for a request", async () => {
    const resolve = names(["127.0.0.1"], ["169.254.169.254"]);
    const ask = start(true, resolve);
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await ask(`http://kept.example:${upstream.port}/`)).toBe(200);
      // A connection is free for the next request one turn after the end of its answer.
      await turnOver();
    }
    expect(resolve.asked).toHaveLength(1);
  });

  test("never goes where a cloud hands out its machines' credentials, whatever is allowed", async () => {
    const ask = start(true, names(["fd00:ec2::254", "169.254.169.254"]));
    for (const host of ["169.254.169.254", "[::ffff:a9fe:a9fe]", "metadata.google.internal"]) {
      await expect(ask(`http://${host}/`)).rejects.toMatchObject({
        message: expect.stringContaining("metadata") as string,
      });
    }
  });

  test("tells no address of the network inside", async () => {
    const error: unknown = await start(
      false,
      names(["10.1.2.3"]),
    )("http://inner.example/").catch((thrown: unknown) => thrown);
    expect(String(error)).not.toMatch(/10\.1\.2\.3/);
  });

  test("refuses a proxy inside, by address and by name, and takes one where that is allowed", async () => {
    const [connect, socks] = await Promise.all([httpProxy({}), socksProxy({})]);
    opened.push(connect, socks);
    for (const [scheme, { port }] of [
      ["http", connect],
      ["socks5", socks],
    ] as const) {
      for (const host of ["127.0.0.1", "proxy.example"]) {
        const proxy = `${scheme}://${host}:${port}`;
        const url = `http://127.0.0.1:${upstream.port}/`;
        await expect(start(false, names(["127.0.0.1"]))(url, { proxy }), proxy).rejects.toMatchObject(refused);
        expect(calls).toBe(0);
        expect(await start(true, names(["127.0.0.1"]))(url, { proxy }), proxy).toBe(200);
        calls = 0;
      }
    }
  });
});
