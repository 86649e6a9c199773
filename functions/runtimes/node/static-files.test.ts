import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../../wire/exchange.ts";
import { buildConsole, type Console } from "./static-files.ts";

const root = mkdtempSync(join(tmpdir(), "relay-console-"));
const directory = join(root, "web");
const script = "console.log(1);".repeat(100);
let pages: Console;

beforeAll(() => {
  mkdirSync(join(directory, "assets"), { recursive: true });
  writeFileSync(join(directory, "index.html"), "<!doctype html>");
  writeFileSync(join(directory, "assets", "app-1a2b3c.js"), script);
  writeFileSync(join(directory, "favicon.svg"), "<svg/>");
  writeFileSync(join(directory, ".env"), "SECRET=1");
  writeFileSync(join(root, "secret.json"), "{}");
  pages = buildConsole({ directory, logoUrl: "https://logos.example/a.png?b=c" });
});
afterAll(() => rmSync(root, { recursive: true }));

const get = async (path: string, headers = {}): Promise<Answer> => {
  const answer = await pages(path, headers);
  if (!answer) throw new Error("not the console's");
  return answer;
};

describe("the static console", () => {
  test("leaves other paths alone", () => {
    expect(["/webhook", "/api", "/admin/keys", "/v1/messages"].map((path) => pages(path, {}))).toEqual(
      Array(4).fill(undefined),
    );
  });

  test("is where / leads", async () => {
    expect(await get("/")).toMatchObject({ status: 302, headers: { location: "/web" } });
  });

  test.each(["/web", "/web/", "/web/accounts", "/web/keys/abc"])(
    "answers %s with its page, to be asked for anew each time",
    async (path) => {
      const { status, headers, body } = await get(path);
      expect([status, String(body), headers["cache-control"]]).toEqual([200, "<!doctype html>", "no-cache"]);
      expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    },
  );

  test("answers a file that carries its hash in its name, to be kept for ever", async () => {
    const { headers, body } = await get("/web/assets/app-1a2b3c.js");
    expect(String(body)).toBe(script);
    expect(headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  });

  test("compresses for who can read it", async () => {
    const { headers, body } = await get("/web/assets/app-1a2b3c.js", { "accept-encoding": "br, gzip" });
    expect(headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(body as Buffer).toString()).toBe(script);
  });

  test("tells who has it already that it has not changed", async () => {
    const etag = (await get("/web")).headers.etag;
    expect(await get("/web", { "if-none-match": etag })).toMatchObject({ status: 304, body: "" });
  });

  test.each([
    "/web/../secret.json",
    "/web/assets/../../secret.json",
    "/web/%2e%2e/secret.json",
    "/web/.env",
    "/web/assets/none.js",
  ])("gives no %s", async (path) => {
    const { status, body } = await get(path);
    expect([status, String(body)]).toEqual([404, expect.stringContaining("route.unknown")]);
  });

  test("lets a page load nothing from elsewhere but the logo, nor be framed", async () => {
    const policy = (await get("/web")).headers["content-security-policy"];
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("img-src 'self' data: https://logos.example;");
    expect(policy).not.toMatch(/unsafe/);
    expect((await get("/web")).headers["x-content-type-options"]).toBe("nosniff");
  });

  test("is for https only once the operator says that this is how it is reached", async () => {
    const header = "strict-transport-security";
    expect((await get("/web")).headers).not.toHaveProperty(header);
    const shut = await buildConsole({ directory: join(root, "nowhere"), isHttps: true })("/", {});
    expect(shut?.headers[header]).toBe("max-age=31536000");
  });

  test("says how to build it where it is not built", async () => {
    const answer = await buildConsole({ directory: join(root, "nowhere") })("/web", {});
    expect(answer?.status).toBe(404);
    expect(String(answer?.body)).toContain("npm run build");
  });
});
