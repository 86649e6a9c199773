import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { openStore, type StoreOptions } from "./index.ts";

const upstash = { upstashUrl: "https://example.upstash.io", upstashToken: "token" };
const redis = { host: "127.0.0.1", port: 1 };

test.each<[kind: string, options: Partial<StoreOptions>]>([
  ["upstash", { ...upstash, redis, redisUrl: "redis://127.0.0.1:1" }],
  ["tcp", { redis }],
  ["tcp", { redisUrl: "redis://127.0.0.1:1", upstashUrl: upstash.upstashUrl }],
  ["embedded", {}],
  ["embedded", { upstashToken: upstash.upstashToken, redisUrl: "" }],
])("the %s store serves %j", async (kind, options) => {
  const dataDir = mkdtempSync(join(tmpdir(), "relay-index-"));
  const store = await openStore({ prefix: "relay:", dataDir, ...options }, Date.now);
  expect(store.kind).toBe(kind);
  await store.close();
  rmSync(dataDir, { recursive: true, force: true });
});

test.each([
  ["redis/upstash.ts", /@upstash\/redis/, /ioredis|node:sqlite|embedded|tcp\.ts/],
  ["redis/tcp.ts", /resp\.ts/, /@upstash|ioredis|node:sqlite|embedded/],
  ["embedded/embedded.ts", /node:sqlite/, /@upstash|ioredis|redis\.ts/],
])("a bundle of %s holds its own client and no other", async (file, own, others) => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    metafile: true,
    platform: "node",
    format: "esm",
  });
  const inputs = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  const all = [...Object.keys(metafile.inputs), ...inputs].join("\n");
  expect(all).toMatch(own);
  expect(all).not.toMatch(others);
});
