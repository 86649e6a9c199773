import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../functions/stores/index.ts";
import { buildLambda } from "../scripts/build.ts";
import { testEnvironment } from "../test/environment.ts";
import { findRuntimeClient } from "../test/lambda/ric.ts";
import { startLambda } from "../test/lambda/start.ts";
import { startRedis } from "../test/redis/server.ts";
import { startUpstash } from "../test/redis/upstash.ts";
import { ask, buildAgent, buildBody, closeAgents, quantile } from "./load.ts";
import { buildEnv, prepare } from "./prepare.ts";
import { startProcess } from "./servers.ts";

/**
 * Cold starts under the genuine runtime client: `npm run bench:cold`. From the start of the process, with a request waiting, to
 * the first byte of the answer, beside a function that does nothing but write a line. Rounds alternate.
 */
const rounds = process.argv.includes("--quick") ? 7 : 21;
const scratch = mkdtempSync(join(tmpdir(), "relay-cold-"));
findRuntimeClient();
const upstream = await startProcess("../test/upstream/main.ts", ["--port", "0"]);
const redis = await startRedis();
const upstash = await startUpstash(redis);
const links = { UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: upstash.token };
const store = await openStore(
  { upstashUrl: upstash.url, upstashToken: upstash.token, prefix: "relay:", dataDir: scratch },
  Date.now,
);
const { bench } = await prepare(buildEnv(store, testEnvironment), upstream.url);

interface Subject {
  readonly name: string;
  readonly directory: string;
  readonly path: string;
  readonly startKb: number | undefined;
}

/** The least that a streaming function can be. */
function buildFloor(): Subject {
  const directory = join(scratch, "floor");
  mkdirSync(directory, { recursive: true });
  const code = `export const handler = awslambda.streamifyResponse(async (_event, stream) => {
    const out = awslambda.HttpResponseStream.from(stream, { statusCode: 200, headers: {} });
    out.write("floor\\n");
    out.end();
  });`;
  writeFileSync(join(directory, "bundle.mjs"), code);
  return { name: "an empty function", directory, path: "/", startKb: undefined };
}

async function buildSubject(name: string, path: string): Promise<Subject> {
  const directory = join(scratch, name);
  const { startBytes } = await buildLambda({ name, file: `functions/endpoints/${name}.ts`, directory });
  return { name, directory, path, startKb: Math.round(startBytes / 1024) };
}

async function coldStart({ directory, path }: Subject): Promise<number> {
  const startedAt = performance.now();
  const lambda = await startLambda({ directory, environment: { ...testEnvironment, ...links } });
  const agent = buildAgent();
  const headers = { "content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": bench };
  await ask(agent, { url: `${lambda.url}${path}`, headers, body: buildBody(2_000) });
  const ms = performance.now() - startedAt;
  await lambda.stop();
  return ms;
}

const subjects = [buildFloor(), await buildSubject("relay/messages", "/api/v1/messages")];
const times = new Map(subjects.map(({ name }) => [name, [] as number[]]));
for (let round = 0; round < rounds; round++) {
  for (const subject of subjects) times.get(subject.name)?.push(await coldStart(subject));
}
const floor = quantile(times.get("an empty function") ?? [], 0.5);
console.log(
  "| cold start, process start to first byte | bundle | median | p90 | over the empty function |\n|---|---|---|---|---|",
);
for (const { name, startKb } of subjects) {
  const values = times.get(name) ?? [];
  const medianMs = quantile(values, 0.5);
  const size = startKb === undefined ? "" : `${startKb} kB`;
  const over =
    name === "an empty function" ? "" : `+${(medianMs - floor).toFixed(0)} ms (${(medianMs / floor).toFixed(2)} ×)`;
  console.log(`| ${name} | ${size} | ${medianMs.toFixed(0)} ms | ${quantile(values, 0.9).toFixed(0)} ms | ${over} |`);
}
await closeAgents();
await store.close();
await upstash.stop();
await Promise.all([upstream.stop(), redis.stop()]);
rmSync(scratch, { recursive: true, force: true });
process.exit(0);
