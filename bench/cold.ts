import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endpoints, routes, type EndpointName } from "../functions/routes.ts";
import { openStore } from "../functions/stores/index.ts";
import { buildLambda } from "../scripts/build.ts";
import { testEnvironment } from "../test/environment.ts";
import { findRuntimeClient } from "../test/lambda/ric.ts";
import { startLambda } from "../test/lambda/start.ts";
import { startRedis } from "../test/redis/server.ts";
import { startUpstash } from "../test/redis/upstash.ts";
import { buildBody, quantile } from "./load.ts";
import { buildEnv, prepare } from "./prepare.ts";
import { startProcess } from "./servers.ts";

/**
 * Cold starts under the genuine runtime client: `npm run bench:cold [-- --quick] [part of an endpoint's name]`. From the start of
 * the process, with a request waiting, to the first byte of the answer, beside a function that does nothing but write a line.
 * The relay's own call goes to the simulated provider and back, the others' to their first answer. Rounds alternate. The
 * least time and the processor time stand beside the median, since a busy machine changes them less.
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
  readonly method: string;
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
  return { name: "an empty function", directory, method: "GET", path: "/", startKb: undefined };
}

async function buildSubject(name: EndpointName): Promise<Subject> {
  const directory = join(scratch, name);
  const { startBytes } = await buildLambda({ name, file: `functions/endpoints/${name}.ts`, directory });
  const route = routes.find(({ endpoint }) => endpoint === name);
  const path = (route?.path ?? "/").replace("/*", "").replace(/:\w+/g, "some-model:generateContent");
  return { name, directory, method: route?.methods[0] ?? "GET", path, startKb: Math.round(startBytes / 1000) };
}

interface Start {
  readonly ms: number;
  readonly cpuMs: number;
}

async function coldStart({ directory, path, method }: Subject): Promise<Start> {
  const startedAt = performance.now();
  const lambda = await startLambda({ directory, environment: { ...testEnvironment, ...links } });
  const headers = { "content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": bench };
  const body = method === "POST" ? { body: buildBody(2_000) } : {};
  const response = await fetch(lambda.url + path, { method, headers, ...body });
  await response.body?.getReader().read();
  const ms = performance.now() - startedAt;
  const cpuMs = lambda.cpuMs();
  await lambda.stop();
  return { ms, cpuMs };
}

const wanted = process.argv.slice(2).find((one) => !one.startsWith("-")) ?? "";
const names = (Object.keys(endpoints) as EndpointName[]).filter((name) => name.includes(wanted));
const subjects = [buildFloor(), ...(await Promise.all(names.map(buildSubject)))];
const starts = new Map<Subject, Start[]>(subjects.map((subject) => [subject, []]));
for (let round = 0; round < rounds; round++) {
  for (const subject of subjects) starts.get(subject)?.push(await coldStart(subject));
}
const median = (subject: Subject, figure: keyof Start, at = 0.5) =>
  quantile(
    (starts.get(subject) ?? []).map((start) => start[figure]),
    at,
  ).toFixed(0);
console.log("| function | bundle kB | to the first byte, least | median | processor time |\n|---|---|---|---|---|");
for (const subject of subjects) {
  const [least, ms, cpuMs] = [median(subject, "ms", 0), median(subject, "ms"), median(subject, "cpuMs")];
  console.log(`| ${subject.name} | ${subject.startKb ?? ""} | ${least} ms | ${ms} ms | ${cpuMs} ms |`);
}
await store.close();
await upstash.stop();
await Promise.all([upstream.stop(), redis.stop()]);
rmSync(scratch, { recursive: true, force: true });
process.exit(0);
