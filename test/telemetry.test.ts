import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { startServer, type RunningServer } from "../functions/runtimes/node/node.ts";
import { openTelemetry } from "../functions/runtimes/telemetry/telemetry.ts";
import { readWish } from "../functions/runtimes/telemetry/config.ts";
import { parseConfig } from "../functions/config.ts";
import { handle } from "../functions/endpoints/relay/messages.ts";
import { buildLog } from "../functions/log.ts";
import { testEnvironment } from "./environment.ts";
import { addAccount, addKey, call, startRig } from "./rig.ts";
import { startUpstream, type Upstream } from "./upstream/upstream.ts";

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A collector that keeps what it is sent; `status` is what it answers. */
interface Collector {
  readonly url: string;
  readonly received: Received[];
  status: number;
  stop(): void;
}

async function startCollector(): Promise<Collector> {
  const received: Received[] = [];
  const collector = { status: 200 };
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      received.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(parts) });
      response.writeHead(collector.status, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(collector, { url, received, stop: () => void server.close() });
}

interface Span {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number };
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
}
const serverKind = 2;
const clientKind = 3;
const isError = 2;

let collector: Collector;
let upstream: Upstream;
let directory: string;
const lines: string[] = [];
beforeAll(async () => {
  [collector, upstream] = [await startCollector(), await startUpstream()];
  directory = mkdtempSync(join(tmpdir(), "relay-telemetry-"));
});
afterAll(async () => {
  collector.stop();
  await upstream.stop();
  rmSync(directory, { recursive: true, force: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
  collector.received.length = 0;
  collector.status = 200;
  lines.length = 0;
  upstream.behave("");
  upstream.reset();
});

/** A relay that is told of the collector by the standard's variables, with two accounts and a key. */
async function withRelay(
  variables: Record<string, string>,
  use: (relay: { server: RunningServer; secret: string }) => Promise<void>,
): Promise<void> {
  const given = { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json", ...variables };
  for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value);
  const dataDir = mkdtempSync(join(directory, "data-"));
  const config = parseConfig({ ...testEnvironment, DATA_DIR: dataDir, HOST: "127.0.0.1", PORT: "0" });
  const write = (line: string) => void lines.push(line);
  const telemetry = await openTelemetry(given, buildLog("info", write, Date.now));
  const server = await startServer({ config, write, telemetry });
  try {
    for (const id of ["first", "second"])
      await addAccount(server.env, { id, baseUrl: upstream.url }, { kind: "api-key", secret: `sk-secret-of-${id}` });
    const { secret } = await addKey(server.env, { name: "Ada's key" });
    await use({ server, secret });
  } finally {
    await server.close(0);
  }
}

async function ask(url: string, secret: string, more: { headers?: Record<string, string>; text?: string } = {}) {
  const response = await fetch(`${url}/api/v1/messages`, {
    method: "POST",
    headers: {
      ...{ "content-type": "application/json", "anthropic-version": "2023-06-01" },
      ...{ "x-api-key": secret, ...more.headers },
    },
    body: JSON.stringify({
      ...{ model: "claude-sonnet-4-5", max_tokens: 50, stream: true },
      messages: [{ role: "user", content: more.text ?? "the words of the prompt" }],
    }),
  });
  await response.text();
  return response.status;
}

const bodies = (path: string) =>
  collector.received.filter((each) => each.path === path).map(({ body }) => JSON.parse(body.toString()) as any);
const spans = (): Span[] =>
  bodies("/v1/traces").flatMap((body) =>
    body.resourceSpans.flatMap((each: any) => each.scopeSpans.flatMap((scope: any) => scope.spans)),
  );
const told = (span: Span | undefined): Record<string, unknown> =>
  Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));
const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

describe("a call that is traced", () => {
  test("is a span under the client's own, with each try as its child, and says what generative AI spans say", async () => {
    await withRelay({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: "my-relay" }, async (relay) => {
      upstream.behave("529-once");
      expect(await ask(relay.server.url, relay.secret, { headers: { traceparent } })).toBe(200);
    });
    const [call, ...others] = spans().filter(({ kind }) => kind === serverKind);
    expect(others).toEqual([]);
    expect(call).toMatchObject({
      name: "chat claude-sonnet-4-5",
      traceId: "0af7651916cd43dd8448eb211c80319c",
      parentSpanId: "b7ad6b7169203331",
    });
    const attributes = told(call);
    expect(attributes).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "anthropic",
      "gen_ai.request.model": "claude-sonnet-4-5",
      "http.response.status_code": 200,
      "relay.outcome": "complete",
    });
    expect(Number(attributes["gen_ai.usage.input_tokens"])).toBeGreaterThan(0);
    expect(Number(attributes["gen_ai.usage.output_tokens"])).toBeGreaterThan(0);
    expect(Number(attributes["relay.cost_dollars"])).toBeGreaterThan(0);

    const tries = spans().filter(({ kind }) => kind === clientKind);
    expect(tries.map(({ parentSpanId }) => parentSpanId)).toEqual([call?.spanId, call?.spanId]);
    expect(tries.map((each) => told(each)["http.response.status_code"])).toEqual([529, 200]);
    expect(tries.map(({ status }) => status.code === isError)).toEqual([true, false]);
    expect(new Set(tries.map((each) => told(each)["relay.account"]))).toEqual(new Set(["first", "second"]));
    const [failed, served] = tries;
    expect(BigInt(served?.startTimeUnixNano ?? 0) >= BigInt(failed?.endTimeUnixNano ?? 1)).toBe(true);
    const [resource] = bodies("/v1/traces")[0].resourceSpans;
    expect(resource.resource.attributes).toContainEqual({ key: "service.name", value: { stringValue: "my-relay" } });
  });

  test("does not show the client's trace to the provider", async () => {
    await withRelay({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, async ({ server, secret }) => {
      await ask(server.url, secret, { headers: { traceparent, tracestate: "a=b", baggage: "user=ada" } });
    });
    const sent = upstream.requests.at(-1)?.headers ?? {};
    for (const name of ["traceparent", "tracestate", "baggage"]) expect(sent).not.toHaveProperty(name);
  });

  test("tells no word of prompt, key, credential, address or refusal", async () => {
    await withRelay({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, async ({ server, secret }) => {
      await ask(server.url, secret);
      upstream.behave("401");
      await ask(server.url, secret);
      await ask(server.url, `cr_${"0".repeat(64)}`);
      const sent = () => collector.received.map(({ body }) => body.toString()).join("\n");
      await server.close(0);
      expect(spans().length).toBeGreaterThan(3);
      for (const word of ["the words of the prompt", secret, "sk-secret-of", "Ada's key", "127.0.0.1", "0".repeat(64)])
        expect(sent().includes(word), word).toBe(false);
      expect(sent()).not.toMatch(/invalid x-api-key|authentication_error/i);
      const names = new Set(spans().flatMap(({ attributes }) => attributes.map(({ key }) => key)));
      const known =
        /^(gen_ai\.(operation|provider|usage|request\.model|response\.model)|http\.response\.status|relay\.|error\.type)/;
      expect([...names].filter((name) => !known.test(name))).toEqual([]);
    });
  });

  test("that is refused is a span with the failure's code", async () => {
    await withRelay({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, async ({ server }) => {
      expect(await ask(server.url, `cr_${"0".repeat(64)}`, { headers: { traceparent } })).toBe(401);
    });
    const [refused] = spans();
    expect(refused).toMatchObject({ kind: serverKind, parentSpanId: "b7ad6b7169203331", status: { code: isError } });
    expect(told(refused)).toMatchObject({ "error.type": "key.unknown", "http.response.status_code": 401 });
  });

  test("is left out when the client's trace is not sampled, or the sampler says so", async () => {
    await withRelay({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, async ({ server, secret }) => {
      await ask(server.url, secret, { headers: { traceparent: traceparent.replace(/01$/, "00") } });
    });
    const off = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER: "always_off" };
    await withRelay(off, async ({ server, secret }) => void (await ask(server.url, secret)));
    expect(spans()).toEqual([]);
  });

  test.each(["garbage", "00-00000000000000000000000000000000-b7ad6b7169203331-01", "ff".repeat(200)])(
    "begins a trace of its own if the client's is not one: %s",
    async (sent) => {
      await withRelay({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, async ({ server, secret }) => {
        expect(await ask(server.url, secret, { headers: { traceparent: sent } })).toBe(200);
      });
      const call = spans().find(({ kind }) => kind === serverKind);
      expect(call?.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(call?.parentSpanId ?? "").toBe("");
    },
  );

  test("goes as protobuf unless asked otherwise, to the signal's own endpoint and with its headers where set", async () => {
    const variables = {
      OTEL_EXPORTER_OTLP_PROTOCOL: "",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/own/path`,
      OTEL_EXPORTER_OTLP_HEADERS: "x-token=of-the-collector",
    };
    await withRelay(variables, async ({ server, secret }) => void (await ask(server.url, secret)));
    expect(collector.received.map(({ path }) => path)).toEqual(["/own/path"]);
    const [sent] = collector.received;
    expect(sent?.headers).toMatchObject({ "content-type": "application/x-protobuf", "x-token": "of-the-collector" });
    expect(sent?.body.includes("gen_ai.request.model")).toBe(true);
  });
});

test("figures are not sent: a collector scrapes them", async () => {
  await withRelay({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, async ({ server, secret }) => {
    await ask(server.url, secret);
  });
  expect(new Set(collector.received.map(({ path }) => path))).toEqual(new Set(["/v1/traces"]));
});

test("a collector that is down or refuses costs the client nothing and the log one line", async () => {
  collector.status = 400;
  await withRelay({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, async ({ server, secret }) => {
    for (let each = 0; each < 3; each += 1) expect(await ask(server.url, secret)).toBe(200);
  });
  expect(lines.filter((line) => line.includes("telemetry not sent")).length).toBeLessThanOrEqual(1);
  expect(lines.filter((line) => line.includes("unhandled"))).toEqual([]);
});

describe("what the standard's variables ask for", () => {
  const place = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" };
  test.each<[string, Record<string, string>, object | undefined]>([
    ["nothing", {}, undefined],
    ["an endpoint", place, { isJson: false }],
    ["an endpoint, and none of it", { ...place, OTEL_SDK_DISABLED: "true" }, undefined],
    ["no traces", { ...place, OTEL_TRACES_EXPORTER: "none" }, undefined],
    ["a place for traces", { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://t" }, { isJson: false }],
    ["a place for figures alone", { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://t" }, undefined],
    ["an exporter by name", { OTEL_TRACES_EXPORTER: "otlp" }, { isJson: false }],
    ["JSON", { ...place, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }, { isJson: true }],
  ])("%s", async (_, environment, wish) => {
    expect(readWish(environment)).toEqual(wish);
    if (!wish) expect(await openTelemetry(environment, () => undefined)).toBeUndefined();
  });

  test("on Lambda what is held goes before the function rests, with the work after the answer", async () => {
    const given = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" };
    for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value);
    const rig = await startRig();
    (await openTelemetry(given, rig.env.log, true))?.watch(rig.env);
    await rig.addAccount({ baseUrl: upstream.url });
    const { secret } = await rig.addKey();
    const messages = [{ role: "user", content: "hi" }];
    const body = { model: "claude-sonnet-4-5", max_tokens: 9, messages };
    expect((await call(handle, { headers: { "x-api-key": secret }, body }, rig.env)).answer.status).toBe(200);
    await rig.settled();
    expect(
      spans()
        .map(({ kind }) => kind)
        .toSorted(),
    ).toEqual([serverKind, clientKind]);
    await rig.stop();
  });
});
