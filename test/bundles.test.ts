import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endpoints } from "../functions/routes.ts";
import type * as Guard from "../functions/runtimes/http-client/guard.ts";
import type * as Undici from "../functions/runtimes/http-client/undici.ts";
import { buildCli, buildFunctions, buildServer, shared, table, type Size } from "../scripts/build.ts";

const directory = mkdtempSync(join(tmpdir(), "relay-bundles-"));
let functions: Size[] = [];
let server: Size;

beforeAll(async () => {
  functions = await buildFunctions(join(directory, "lambda"));
  server = await buildServer(join(directory, "server"));
  console.log(table([...functions, server]));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe("bundles", () => {
  test("every endpoint has one", () => {
    expect(functions.map(({ name }) => name).sort()).toEqual(Object.keys(endpoints).sort());
  });

  test.each(Object.keys(endpoints))("%s starts from at most 332 kB if it relays, else 300 kB", (name) => {
    const most = name.startsWith("relay/") ? 332_000 : 300_000;
    const size = functions.find((one) => one.name === name);
    expect(size?.startBytes).toBeGreaterThan(10_000);
    expect(size?.startBytes).toBeLessThanOrEqual(most);
  });

  test("no function loads Node's fetch when it starts, as an import of node:http does", () => {
    const importers = textOf(join(directory, "lambda")).filter(({ text }) => /from ?"(node:)?http"/.test(text));
    expect(importers.map(({ file }) => file).filter((file) => file.endsWith("bundle.mjs"))).toEqual([]);
  });

  test("the server starts from at most 900 kB, and loads neither Node's fetch nor undici's", async () => {
    expect(server.startBytes).toBeLessThanOrEqual(900_000);
    const fetches = textOf(join(directory, "server")).filter(({ text }) => text.includes("fetch failed"));
    expect(fetches.map(({ file }) => file)).toEqual([]);
    // Node's list of what it has loaded of itself.
    const tell = 'process.on("exit", () => process._rawDebug(process.moduleLoadList.join("\\n")))';
    const args = ["--import", `data:text/javascript,${encodeURIComponent(tell)}`, join(directory, "server/main.mjs")];
    const env = { PATH: process.env.PATH, PORT: "0", HOST: "127.0.0.1", DATA_DIR: join(directory, "data") };
    const child = spawn(process.execPath, args, { env });
    let told = "";
    child.stderr.on("data", (chunk: Buffer) => (told += chunk.toString()));
    const ended = new Promise((resolve) => child.once("close", resolve));
    await new Promise((resolve) => child.stdout.once("data", resolve));
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    expect(told).toContain("NativeModule http");
    expect(told).not.toContain("undici");
  });

  test("a call goes through an HTTP proxy with the parts of undici that are bundled", async () => {
    const room = "./functions/runtimes/http-client";
    const contents = `export { undiciDispatch } from "${room}/undici.ts"; export { buildGuard } from "${room}/guard.ts";`;
    const stdin = { contents, resolveDir: join(import.meta.dirname, ".."), loader: "ts" } as const;
    await build({ ...shared, stdin, outdir: join(directory, "client"), entryNames: "client" });
    const { undiciDispatch, buildGuard } = (await import(join(directory, "client/client.mjs"))) as {
      undiciDispatch: typeof Undici.undiciDispatch;
      buildGuard: typeof Guard.buildGuard;
    };
    const listen = async (server: Server) => {
      await once(server.listen(0, "127.0.0.1"), "listening");
      return (server.address() as AddressInfo).port;
    };
    const upstream = createServer((_request, response) => response.end("{}"));
    const proxy = createServer();
    const tunnels: string[] = [];
    proxy.on("connect", ({ url = "", headers }, socket: Socket) => {
      tunnels.push(String(headers["proxy-authorization"]));
      const through = connect(Number(url.split(":")[1]), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(through).pipe(socket);
      });
    });
    const [port, proxyPort] = [await listen(upstream), await listen(proxy)];
    const client = undiciDispatch({ guard: buildGuard(true) });
    const timeouts = { headTimeoutMs: 10_000, silenceTimeoutMs: 10_000 };
    const answer = await client.dispatch({
      ...{ method: "POST", url: `http://127.0.0.1:${port}/`, headers: {}, body: Buffer.from("{}"), ...timeouts },
      ...{ proxy: `http://user:pa%40ss@127.0.0.1:${proxyPort}`, signal: new AbortController().signal },
    });
    answer.body.cancel();
    expect([answer.status, tunnels]).toEqual([200, [`Basic ${Buffer.from("user:pa@ss").toString("base64")}`]]);
    await client.close();
    for (const server of [upstream, proxy]) {
      server.closeAllConnections();
      server.close();
    }
  });

  test("undici, which costs a cold start 100 ms, is in the server only", () => {
    const holders = textOf(join(directory, "lambda")).filter(({ text }) => text.includes("UND_ERR_SOCKET"));
    expect(holders.map(({ file }) => file)).toEqual([]);
    expect(textOf(join(directory, "server")).some(({ text }) => text.includes("UND_ERR_SOCKET"))).toBe(true);
  });

  test("what signs for Bedrock, unpacks its frames and asks Google for tokens is beside what starts, to be loaded when needed", () => {
    const marks = ["AWS4-HMAC-SHA256", 'vnd.amazon.eventstream")', "jwt-bearer"];
    const holding = textOf(join(directory, "lambda"))
      .filter(({ text }) => marks.some((mark) => text.includes(mark)))
      .map(({ file }) => file);
    expect(holding.filter((file) => file.endsWith("bundle.mjs"))).toEqual([]);
    expect(holding.some((file) => file.startsWith("relay"))).toBe(true);
  });

  test("need nothing but Node: no import names a package", () => {
    expect([...functions, server].flatMap(({ name, outside }) => outside.map((path) => `${name}: ${path}`))).toEqual(
      [],
    );
  });
});

test("the command beside the server runs by its name, as in the image", async () => {
  const beside = join(directory, "server");
  await buildCli(beside);
  const env = { PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  expect(execFileSync(join(beside, "claude-relay"), ["--help"], { env, encoding: "utf8" })).toMatch(
    /^npx claude-relay export/,
  );
});

function textOf(under: string): { file: string; text: string }[] {
  return readdirSync(under, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".mjs"))
    .map((file) => ({ file, text: readFileSync(join(under, file), "utf8") }));
}
