import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endpoints } from "../functions/routes.ts";
import { buildCli, buildFunctions, buildServer, table, type Size } from "../scripts/build.ts";

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
