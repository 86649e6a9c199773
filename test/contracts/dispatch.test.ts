import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { httpsDispatch } from "../../functions/runtimes/http-client/https.ts";
import { undiciDispatch } from "../../functions/runtimes/http-client/undici.ts";
import { Failure } from "../../functions/failure.ts";
import type { Dispatch, Inbound, Outbound } from "../../functions/wire/dispatch.ts";
import { makeCertificate, type Certificate } from "./certificate.ts";
import { httpProxy, rawUpstream, socksProxy, type Line, type Listener, type Proxy } from "./sockets.ts";

interface Login {
  readonly name: string;
  readonly password: string;
}

interface Client {
  readonly dispatch: Dispatch;
  close(): Promise<void> | void;
}

const clients: Record<string, (options: { ca?: string }) => Client> = { undici: undiciDispatch, https: httpsDispatch };
const chunkedHead = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const framed = (bytes: Buffer) =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);

describe.each(Object.entries(clients))("dispatch over %s", (_name, open) => {
  let certificate: Certificate;
  let client: Client;
  const opened: Listener[] = [];

  beforeAll(() => {
    certificate = makeCertificate();
    client = open({ ca: certificate.cert });
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((listener) => listener.close()));
  });
  afterAll(() => client.close());

  const upstream = async (answer: (line: Line) => void, isSecure = false) => {
    const listener = await rawUpstream(answer, isSecure ? certificate : undefined);
    opened.push(listener);
    return `${isSecure ? "https" : "http"}://localhost:${listener.port}`;
  };
  const ask = (url: string, more: Partial<Outbound> = {}) =>
    client.dispatch({
      method: "POST",
      url,
      headers: {},
      body: "{}",
      headTimeoutMs: 5_000,
      silenceTimeoutMs: 5_000,
      ...more,
    });

  test("sends method, path, query, headers and body as given, and adds nothing but the host, length and connection", async () => {
    let request = "";
    const base = await upstream((line) => {
      request = line.request;
      line.socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
    await text(
      await ask(`${base}/v1//messages?beta=true&x=%2F`, { headers: { "x-api-key": "k", accept: "a/b" }, body: "äö" }),
    );
    const [head = "", body] = request.split("\r\n\r\n");
    expect(head.split("\r\n")[0]).toBe("POST /v1//messages?beta=true&x=%2F HTTP/1.1");
    const names = head
      .split("\r\n")
      .slice(1)
      .map((line) => (line.split(":")[0] ?? "").toLowerCase());
    expect(names.sort()).toEqual(["accept", "connection", "content-length", "host", "x-api-key"]);
    expect(Buffer.from(body ?? "", "latin1").toString("utf8")).toBe("äö");
  });

  test("a GET without a body announces none", async () => {
    let request = "";
    const base = await upstream((line) => {
      request = line.request;
      line.socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    });
    expect(await text(await ask(base, { method: "GET", body: undefined }))).toBe("");
    expect(request).not.toMatch(/content-length|transfer-encoding/i);
  });

  test("gives status and lower-case headers, repeated ones joined, a 103 before them unseen", async () => {
    const base = await upstream((line) =>
      line.socket.end(
        "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 529 Overloaded\r\nX-One: 1\r\nx-two: a\r\nX-Two: b\r\ncontent-length: 0\r\n\r\n",
      ),
    );
    const { status, headers } = await ask(base);
    expect([status, headers["x-one"], headers["x-two"]]).toEqual([529, "1", "a, b"]);
  });

  test("gives the bytes as sent, whatever the chunks, and does not decompress", async () => {
    const bytes = Buffer.from("event: é\r\n\r\n\u0000\u{1F600}".repeat(20));
    const base = await upstream(({ socket }) => void drip(socket, bytes));
    const inbound = await ask(base);
    expect(inbound.headers["content-encoding"]).toBe("gzip");
    expect(await whole(inbound)).toEqual(bytes);

    async function drip(socket: Line["socket"], all: Buffer) {
      socket.write(chunkedHead.replace("\r\n\r\n", "\r\ncontent-encoding: gzip\r\n\r\n"));
      for (const byte of all) {
        socket.write(framed(Buffer.from([byte])));
        if (byte === 10) await sleep(1);
      }
      socket.write("0\r\n\r\n");
    }
  });

  test("gives the head before the first byte of the body, and each chunk when it comes", async () => {
    const base = await upstream(({ socket }) => {
      socket.write(chunkedHead);
      go = () => socket.write(framed(Buffer.from("one")));
    });
    let go = () => false as boolean;
    const { status, body } = await ask(base);
    expect(status).toBe(200);
    expect(body.take()).toBeUndefined();
    const first = body.read();
    go();
    expect(String(await first)).toBe("one");
    const second = body.read();
    go();
    expect(String(await second)).toBe("one");
    body.cancel();
  });

  test("a body without length or chunks ends with the connection", async () => {
    const base = await upstream(({ socket }) => socket.end("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nall of it"));
    expect(await text(await ask(base))).toBe("all of it");
  });

  test("keeps the connection for the next request", async () => {
    const sockets = new Set<unknown>();
    const base = await upstream(({ socket }) => {
      sockets.add(socket);
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
    for (let index = 0; index < 3; index += 1) {
      await text(await ask(base));
      await sleep(5);
    }
    expect(sockets.size).toBe(1);
  });

  test("a slow reader holds the upstream back instead of filling memory, and gets every byte in the end", async () => {
    const total = 64 * 1024 * 1024;
    let written = 0;
    const base = await upstream(({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`);
      const more = () => {
        while (written < total) {
          written += 65_536;
          if (!socket.write(Buffer.alloc(65_536, written / 65_536))) return void socket.once("drain", more);
        }
      };
      more();
    });
    const { body } = await ask(base);
    let received = (await body.read())?.byteLength ?? 0;
    let before = -1;
    while (written !== before) {
      before = written;
      await sleep(100);
    }
    expect(written).toBeLessThan(total / 2);
    for (let chunk = await body.read(); chunk; chunk = await body.read()) received += chunk.byteLength;
    expect(received).toBe(total);
  });

  test.each([
    ["with a length", (length: number) => `content-length: ${length}\r\n`],
    ["without a length", () => ""],
  ])("a slow reader gets all of an answer %s whose connection has closed since", async (_how, length) => {
    const bytes = Buffer.alloc(2 * 1024 * 1024, "relay");
    const base = await upstream(({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\nconnection: close\r\n${length(bytes.length)}\r\n`);
      socket.end(bytes);
    });
    const inbound = await ask(base);
    await sleep(200);
    expect((await whole(inbound)).equals(bytes)).toBe(true);
  });

  test("the silence of an upstream that is being held back is not counted against it", async () => {
    const chunk = Buffer.alloc(1024 * 1024);
    const base = await upstream(({ socket }) => {
      socket.write(chunkedHead);
      socket.write(framed(chunk));
      socket.write("0\r\n\r\n");
    });
    const inbound = await ask(base, { silenceTimeoutMs: 50 });
    await sleep(300);
    expect((await whole(inbound)).length).toBe(chunk.length);
  });

  describe("a body that flows", () => {
    /** Gathers what flows; `mostAtOnce` bytes are taken before it holds back. */
    const gather = (inbound: Inbound, mostAtOnce = Number.POSITIVE_INFINITY) => {
      const seen = { chunks: [] as Buffer[], ends: 0, failures: [] as unknown[], goOn: () => undefined as void };
      let taken = 0;
      seen.goOn = inbound.body.flow({
        chunk: (bytes) => {
          seen.chunks.push(Buffer.from(bytes));
          taken += bytes.byteLength;
          if (taken < mostAtOnce) return true;
          taken = 0;
          return false;
        },
        end: () => void (seen.ends += 1),
        fail: (error) => void seen.failures.push(error),
      });
      return seen;
    };

    test("hands over what came before and what comes, in order, and ends once", async () => {
      let go = () => undefined as void;
      const base = await upstream(({ socket }) => {
        socket.write(`${chunkedHead}5\r\nhello\r\n`);
        go = () => void socket.write("6\r\n world\r\n0\r\n\r\n");
      });
      const inbound = await ask(base);
      await sleep(30);
      const seen = gather(inbound);
      expect(Buffer.concat(seen.chunks).toString()).toBe("hello");
      go();
      await until(() => seen.ends > 0);
      expect([Buffer.concat(seen.chunks).toString(), seen.ends, seen.failures]).toEqual(["hello world", 1, []]);
    });

    test("waits when it is told to, holds the upstream back, and gives every byte in the end", async () => {
      const bytes = Buffer.alloc(32 * 1024 * 1024, "relay");
      let sent: Line["socket"] | undefined;
      const base = await upstream(({ socket }) => {
        sent = socket;
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${bytes.length}\r\n\r\n`);
        socket.end(bytes);
      });
      const seen = gather(await ask(base), 1);
      await sleep(300);
      expect(seen.chunks).toHaveLength(1);
      expect(sent?.writableLength).toBeGreaterThan(bytes.length / 2);
      while (seen.ends === 0) {
        expect(seen.failures).toEqual([]);
        seen.goOn();
        await new Promise(setImmediate);
      }
      expect(Buffer.concat(seen.chunks).equals(bytes)).toBe(true);
    });

    test("fails once, after what has come", async () => {
      const base = await upstream(({ socket }) => socket.end(`${chunkedHead}5\r\nhello\r\n`));
      const inbound = await ask(base);
      await sleep(30);
      const seen = gather(inbound);
      await until(() => seen.failures.length > 0);
      expect(Buffer.concat(seen.chunks).toString()).toBe("hello");
      expect([seen.ends, seen.failures]).toEqual([0, [expect.objectContaining({ code: "upstream.broken" })]]);
    });

    test("keeps its end back while it is told to wait", async () => {
      const base = await upstream(({ socket }) => socket.end(`${chunkedHead}5\r\nhello\r\n0\r\n\r\n`));
      const seen = gather(await ask(base), 1);
      await sleep(50);
      expect(seen.ends).toBe(0);
      seen.goOn();
      await until(() => seen.ends === 1);
    });
  });

  describe("an answer that breaks off is never a clean end:", () => {
    test.each([
      ["a chunked body without its last chunk", `${chunkedHead}5\r\nhello\r\n`],
      ["a chunked body cut within a chunk", `${chunkedHead}ff\r\nhello`],
      ["a body shorter than its content-length", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello"],
      ["garbage between chunks", `${chunkedHead}5\r\nhello\r\nXYZ not a chunk\r\n`],
    ])("%s", async (_what, bytes) => {
      const base = await upstream(({ socket }) => socket.end(bytes));
      const { body } = await ask(base);
      const seen: string[] = [];
      const failure = await caught(async () => {
        for (let chunk = await body.read(); chunk; chunk = await body.read()) seen.push(String(chunk));
      });
      expect(failure.code).toBe("upstream.broken");
      expect(seen.join("")).toBe("hello");
      expect(await caught(() => body.read())).toBe(failure);
    });

    test("a reset connection", async () => {
      const base = await upstream(({ socket }) => {
        socket.write(`${chunkedHead}5\r\nhello\r\n`);
        setTimeout(() => socket.resetAndDestroy(), 20);
      });
      const { body } = await ask(base);
      expect(String(await body.read())).toBe("hello");
      expect((await caught(() => body.read())).code).toBe("upstream.broken");
    });
  });

  describe("no head is upstream.unreachable:", () => {
    test("a refused connection", async () => {
      const base = await upstream(() => undefined);
      await opened.pop()?.close();
      const failure = await caught(() => ask(base));
      expect([failure.code, failure.status, failure.isRetryable]).toEqual(["upstream.unreachable", 502, true]);
      expect(failure.message).toContain("ECONNREFUSED");
    });

    test("a name that does not exist", async () => {
      expect((await caught(() => ask("http://no-such-host.invalid/"))).code).toBe("upstream.unreachable");
    });

    test("a connection closed without an answer", async () => {
      const base = await upstream(({ socket }) => socket.end());
      expect((await caught(() => ask(base))).code).toBe("upstream.unreachable");
    });

    test("something that is not HTTP", async () => {
      const base = await upstream(({ socket }) => socket.end("220 mail.example ESMTP\r\n"));
      expect((await caught(() => ask(base))).code).toBe("upstream.unreachable");
    });

    test("a certificate that nobody vouches for", async () => {
      const base = await upstream(({ socket }) => socket.end("HTTP/1.1 200 OK\r\n\r\n"), true);
      const strict = open({});
      const send = () =>
        strict.dispatch({ method: "GET", url: base, headers: {}, headTimeoutMs: 5_000, silenceTimeoutMs: 5_000 });
      expect((await caught(send)).code).toBe("upstream.unreachable");
      await strict.close();
    });
  });

  test("TLS with a known authority", async () => {
    const base = await upstream(({ socket }) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"), true);
    expect(await text(await ask(base))).toBe("ok");
  });

  test("a head that does not come in time is upstream.timeout and closes the connection", async () => {
    let line: Line | undefined;
    const base = await upstream((one) => (line = one));
    const failure = await caught(() => ask(base, { headTimeoutMs: 100 }));
    expect([failure.code, failure.status]).toEqual(["upstream.timeout", 504]);
    expect(failure.message).toContain("0.1 seconds");
    await line?.closed;
  });

  test("silence within the body is upstream.timeout and closes the connection; bytes put it off", async () => {
    let line: Line | undefined;
    const base = await upstream((one) => {
      line = one;
      one.socket.write(chunkedHead);
      let count = 0;
      const timer = setInterval(() => {
        one.socket.write(framed(Buffer.from("x")));
        count += 1;
        if (count === 6) clearInterval(timer);
      }, 100);
    });
    const { body } = await ask(base, { silenceTimeoutMs: 350 });
    let seen = "";
    const failure = await caught(async () => {
      for (let chunk = await body.read(); chunk; chunk = await body.read()) seen += String(chunk);
    });
    expect([failure.code, seen]).toEqual(["upstream.timeout", "xxxxxx"]);
    await line?.closed;
  });

  describe("aborting", () => {
    test("before the request sends nothing", async () => {
      let count = 0;
      const base = await upstream(() => (count += 1));
      const failure = await caught(() => ask(base, { signal: AbortSignal.abort() }));
      expect(failure.code).toBe("client.gone");
      await sleep(50);
      expect(count).toBe(0);
    });

    test("while connecting sends nothing", async () => {
      let count = 0;
      const base = await upstream(() => (count += 1));
      const controller = new AbortController();
      const asked = caught(() => ask(base, { signal: controller.signal }));
      controller.abort();
      expect((await asked).code).toBe("client.gone");
      await sleep(50);
      expect(count).toBe(0);
    });

    test("before the head closes the upstream's connection at once", async () => {
      const controller = new AbortController();
      let line: Line | undefined;
      const base = await upstream((one) => {
        line = one;
        controller.abort();
      });
      expect((await caught(() => ask(base, { signal: controller.signal }))).code).toBe("client.gone");
      await line?.closed;
    });

    test("after the head closes it too, fails a waiting read, and passes the reason on", async () => {
      const controller = new AbortController();
      let line: Line | undefined;
      const base = await upstream((one) => {
        line = one;
        one.socket.write(chunkedHead);
      });
      const { body } = await ask(base, { signal: controller.signal });
      const read = caught(() => body.read());
      const reason = new Failure("platform.draining");
      controller.abort(reason);
      expect(await read).toBe(reason);
      await line?.closed;
    });

    test("by cancel() closes it and ends the body", async () => {
      let line: Line | undefined;
      const base = await upstream((one) => {
        line = one;
        one.socket.write(`${chunkedHead}5\r\nhello\r\n`);
      });
      const { body } = await ask(base);
      await body.read();
      body.cancel();
      expect(await body.read()).toBeUndefined();
      await line?.closed;
    });

    test("after the end does no harm to the next request on the connection", async () => {
      const controller = new AbortController();
      const base = await upstream(({ socket }) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
      expect(await text(await ask(base, { signal: controller.signal }))).toBe("ok");
      const next = ask(base);
      controller.abort();
      expect(await text(await next)).toBe("ok");
    });
  });

  describe("through a proxy", () => {
    const login = { name: "us er", password: "p@ss:w/rd" };
    const words = `${encodeURIComponent(login.name)}:${encodeURIComponent(login.password)}@`;
    const kinds: [string, (login?: Login) => Promise<Proxy>, string][] = [
      ["http", (wanted) => httpProxy({ login: wanted }), "http"],
      ["https", (wanted) => httpProxy({ login: wanted, certificate }), "https"],
      ["socks5", (wanted) => socksProxy({ login: wanted }), "socks5"],
    ];
    const answerOk = ({ socket }: Line) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");

    describe.each(kinds)("%s", (_kind, start, scheme) => {
      test.each([true, false])("reaches the upstream (TLS: %s), the proxy resolving its name", async (isSecure) => {
        const proxy = await start();
        opened.push(proxy);
        const base = await upstream(answerOk, isSecure);
        expect(await text(await ask(base, { proxy: `${scheme}://localhost:${proxy.port}` }))).toBe("ok");
        expect(proxy.targets).toEqual([base.replace(/^https?:\/\//, "")]);
      });

      test.each([true, false])("shows its credentials (TLS: %s)", async (isSecure) => {
        const proxy = await start(login);
        opened.push(proxy);
        const base = await upstream(answerOk, isSecure);
        expect(await text(await ask(base, { proxy: `${scheme}://${words}localhost:${proxy.port}` }))).toBe("ok");
        expect(proxy.targets).toHaveLength(1);
      });

      test("is unreachable when it refuses the credentials, and says no secret", async () => {
        const proxy = await start(login);
        opened.push(proxy);
        const base = await upstream(answerOk, true);
        const failure = await caught(() => ask(base, { proxy: `${scheme}://us:wrong-secret@localhost:${proxy.port}` }));
        expect(failure.code).toBe("upstream.unreachable");
        expect(`${failure.message} ${String(failure.cause)}`).not.toContain("wrong-secret");
        expect(proxy.targets).toEqual([]);
      });

      test("is unreachable when the upstream behind it refuses", async () => {
        const proxy = await start();
        opened.push(proxy);
        const base = await upstream(answerOk, true);
        await opened.pop()?.close();
        const failure = await caught(() => ask(base, { proxy: `${scheme}://localhost:${proxy.port}` }));
        expect(failure.code).toBe("upstream.unreachable");
      });

      test("is unreachable when it is not there", async () => {
        const proxy = await start();
        await proxy.close();
        const base = await upstream(answerOk, true);
        const failure = await caught(() => ask(base, { proxy: `${scheme}://localhost:${proxy.port}` }));
        expect(failure.code).toBe("upstream.unreachable");
      });

      test("closes the upstream's connection when the request is aborted", async () => {
        const proxy = await start();
        opened.push(proxy);
        const controller = new AbortController();
        let line: Line | undefined;
        const base = await upstream((one) => {
          line = one;
          one.socket.write(chunkedHead);
        }, true);
        const { body } = await ask(base, { proxy: `${scheme}://localhost:${proxy.port}`, signal: controller.signal });
        controller.abort();
        await caught(() => body.read());
        await line?.closed;
      });
    });
  });
});

async function until(isSo: () => boolean): Promise<void> {
  const endAt = Date.now() + 5_000;
  while (!isSo()) {
    if (Date.now() > endAt) throw new Error(`still not so: ${isSo.toString()}`);
    await sleep(5);
  }
}

async function whole({ body }: Inbound): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await body.read(); chunk; chunk = await body.read()) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

const text = async (inbound: Inbound) => (await whole(inbound)).toString("utf8");

async function caught(work: () => Promise<unknown>): Promise<Failure> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
