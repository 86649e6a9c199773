import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { endpoints } from "../../functions/routes.ts";
import { startLambda } from "../lambda/start.ts";
import { startRedis, type RedisServer } from "../redis/server.ts";
import { startUpstash, type UpstashStandIn } from "../redis/upstash.ts";
import { startQStash } from "./qstash.ts";
import { sampleRequests } from "./requests.ts";
import { deploy, secrets, type Deployment } from "./deployment.ts";
import { buildRouter, codeOf, countSteps, type Route } from "./router.ts";
import { reveal, startCloud, visible, type Resource } from "./sst.ts";

/** The genuine `sst deploy`, with SST's own components, builder and secrets, against an AWS account that is empty and fake. */
let redis: RedisServer;
let upstash: UpstashStandIn;
let deployed: Deployment;
let route: Route;

beforeAll(async () => {
  [redis, deployed] = await Promise.all([startRedis(), deploy()]);
  upstash = await startUpstash(redis);
  if (deployed.code === 0) route = await buildRouter(deployed.resources);
}, 600_000);

afterAll(async () => {
  await upstash.stop();
  await redis.stop();
});

const all = (type: string) => deployed.resources.filter((resource) => resource.type === type);
const byName = (type: string) => new Map(all(type).map(({ name, inputs }) => [name, inputs]));
const nameOf = (endpoint: string) =>
  endpoint
    .split(/[/-]/)
    .map((word) => word[0]?.toUpperCase() + word.slice(1))
    .join("");
const hostOf = (endpoint: string) => `${nameOf(endpoint).toLowerCase()}url.lambda-url.eu-central-1.on.aws`;

test("sst deploy ends well and keeps its state in the account", () => {
  expect(deployed.output).not.toMatch(/error|failed/i);
  expect(deployed.code, deployed.output).toBe(0);
  expect(deployed.kept.some((key) => key.endsWith("/app/claude-relay/ci.json"))).toBe(true);
});

describe("the functions", () => {
  test("are the table's endpoints, each with its memory and time, on arm64 and Node 24", () => {
    const functions = byName("aws:lambda/function:Function");
    expect(functions.size).toBe(Object.keys(endpoints).length);
    for (const [endpoint, { memory, timeout }] of Object.entries(endpoints)) {
      expect(functions.get(`${nameOf(endpoint)}Function`), endpoint).toMatchObject({
        memorySize: memory,
        timeout,
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        handler: "bundle.handler",
        loggingConfig: { logFormat: "JSON" },
      });
      for (const file of ["bundle.mjs", "resource.enc"])
        expect(existsSync(join(deployed.functions, endpoint, file)), `${endpoint} ${file}`).toBe(true);
    }
  });

  test("stream, and take no cross-origin calls of their own", () => {
    const urls = all("aws:lambda/functionUrl:FunctionUrl");
    expect(urls).toHaveLength(Object.keys(endpoints).length);
    for (const { inputs } of urls) expect(inputs).toMatchObject({ invokeMode: "RESPONSE_STREAM" });
    expect(urls.filter(({ inputs }) => "cors" in inputs)).toEqual([]);
  });

  test("have settings for variables, and no others", () => {
    const sst = ["SST_KEY", "SST_KEY_FILE", "SST_RESOURCE_App"];
    for (const { name, inputs } of all("aws:lambda/function:Function")) {
      const { variables } = inputs.environment as { variables: Record<string, string> };
      expect(Object.keys(variables).sort(), name).toEqual([
        "CALL_MAX_USD",
        "FIRST_BYTE_SECONDS",
        "LOG_LEVEL",
        "PUBLIC_URL",
        ...sst,
      ]);
      // The relay gives up before the router does, so that the client reads why.
      expect(Number(variables.FIRST_BYTE_SECONDS)).toBeLessThan(60);
      expect(variables).toMatchObject({ LOG_LEVEL: "debug", PUBLIC_URL: "https://d1.cloudfront.net" });
    }
  });

  test("no secret is in any input that Pulumi does not keep encrypted", () => {
    const leaks = deployed.resources.flatMap(({ type, name, inputs }) => {
      const text = visible(inputs);
      return Object.entries(secrets).flatMap(([secret, value]) =>
        text.includes(value) ? [`${secret}: ${type} ${name}`] : [],
      );
    });
    expect(leaks).toEqual([]);
  });

  test("keep their logs for 30 days, and go with everything else when the stage is removed", () => {
    const groups = all("aws:cloudwatch/logGroup:LogGroup");
    expect(groups).toHaveLength(Object.keys(endpoints).length);
    for (const { inputs } of groups) expect(inputs.retentionInDays).toBe(30);
    for (const { inputs } of all("aws:s3/bucket:Bucket")) expect(inputs.forceDestroy).toBe(true);
  });

  test("read their linked secrets under the genuine runtime client, and answer only the router", async () => {
    const inputs = byName("aws:lambda/function:Function").get("HealthFunction");
    const { variables } = inputs?.environment as { variables: Record<string, string> };
    // What a variable says goes before what is linked; everything else is read from the linked secrets.
    const store = { UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: upstash.token };
    const directory = join(deployed.functions, "health");
    const lambda = await startLambda({ directory, environment: { ...variables, ...store } });
    try {
      const { headers } = await route("GET", "/health");
      const proof = { "x-origin-verify": headers["x-origin-verify"]?.value ?? "" };
      const answer = await fetch(`${lambda.url}/health`, { headers: proof });
      expect([answer.status, await answer.json()]).toMatchObject([200, { status: "ok", store: { state: "up" } }]);
      expect((await fetch(`${lambda.url}/health`)).status).toBe(403);
      expect((await fetch(`${lambda.url}/health`, { headers: { "x-origin-verify": "guess" } })).status).toBe(403);
    } finally {
      await lambda.stop();
    }
  }, 300_000);
});

describe("the router", () => {
  test("fits CloudFront's 10 kB, with a domain of its own too, and is a secret", () => {
    // With a domain SST adds some 350 bytes, which refuse requests by the distribution's own name.
    expect(Buffer.byteLength(codeOf(deployed.resources))).toBeLessThan(10_240 - 400);
    const inputs = all("aws:cloudfront/function:Function")[0]?.inputs;
    expect(reveal(inputs?.code)).not.toBe(inputs?.code);
  });

  test("takes every request of the table to its function, path untouched, with a minute between bytes", async () => {
    for (const { method, path, endpoint } of sampleRequests()) {
      const { host, uri, timeouts } = await route(method, path);
      expect([method, uri, host]).toEqual([method, path, hostOf(endpoint)]);
      expect(timeouts).toEqual({ readTimeout: 60, keepAliveTimeout: 60 });
    }
  });

  test("reads one key for a call, and takes few steps", async () => {
    for (const [method, path] of [
      ["POST", "/api/v1/messages"],
      ["POST", "/openai/v1/responses"],
      ["GET", "/admin/usage/overview"],
      ["GET", "/no/such/path"],
    ] as const) {
      expect((await route(method, path)).reads, path).toBe(1);
      expect(await countSteps(deployed.resources, method, path), path).toBeLessThan(mostSteps);
    }
  });

  test("names the viewer itself, whatever the client sends", async () => {
    const forged = { "x-relay-viewer": "10.0.0.1", "x-forwarded-for": "10.0.0.1" };
    const { headers } = await route("POST", "/v1/messages", forged, { viewer: "198.51.100.9" });
    expect(headers["x-relay-viewer"]).toEqual({ value: "198.51.100.9" });
  });

  test("passes query strings and cookies on as they came", async () => {
    const seen = { query: "beta=true&key=a%2Fb" };
    expect(await route("GET", "/v1/models", { cookie: "relay_session=x; other=y" }, seen)).toMatchObject({
      host: hostOf("relay/models"),
    });
  });

  test("keeps no error of one caller for the next", () => {
    const inputs = all("aws:cloudfront/distribution:Distribution")[0]?.inputs;
    const rules = reveal(inputs?.customErrorResponses) as { errorCode: number; errorCachingMinTtl: number }[];
    // All that CloudFront would keep (developer guide, "How CloudFront caches HTTP 4xx and 5xx status codes").
    expect(rules.map(({ errorCode }) => errorCode)).toEqual([400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504]);
    expect(rules.every((rule) => rule.errorCachingMinTtl === 0 && Object.keys(rule).length === 2)).toBe(true);
  });

  test("writes a key for each function, under names that cannot collide, and no route of SST's but the console's", () => {
    const keys = all("aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey").map(({ inputs }) => inputs.key);
    expect(keys.toSorted()).toEqual(Object.keys(endpoints).toSorted());
    const routes = deployed.resources.filter(({ name }) => name.endsWith("KvRoutesUpdate"));
    expect(routes.map(({ inputs }) => String(reveal(inputs.entry)).split(",").at(-1))).toEqual(["/web"]);
  });

  test("proves itself to the function, whatever the client sends", async () => {
    const { headers } = await route("POST", "/v1/messages");
    expect(headers["x-origin-verify"]?.value).toBe(secrets.OriginSecret);
    expect(headers["x-forwarded-host"]?.value).toBe("d1.cloudfront.net");
  });

  test.each(["/v1", "/v1/messagesX", "/relay/messages", "/admin/unknown", "/webx", "/v1/messages/"])(
    "takes %s, which there is not, to the function that says so",
    async (path) => expect(await route("GET", path)).toMatchObject({ host: hostOf("health"), uri: path }),
  );

  test.each([
    ["/web", "/web/index.html"],
    ["/web/", "/web/index.html"],
    ["/web/keys/some-page", "/web/index.html"],
    ["/web/mark.svg", "/web/mark.svg"],
  ])("serves %s from the bucket: %s", async (path, file) => {
    const { host, uri } = await route("GET", path);
    expect(host).toMatch(/^consoleassetsbucket\.s3\./);
    expect(uri.replace(/^\/[^/]*(?=\/web)/, "")).toBe(file);
  });

  test("sends / to the console", async () => {
    expect(await route("GET", "/")).toMatchObject({ status: 302, location: "/web", host: undefined });
  });

  test("adds CloudFront's security headers to every answer", () => {
    const inputs = all("aws:cloudfront/distribution:Distribution")[0]?.inputs;
    const behavior = reveal(inputs?.defaultCacheBehavior);
    expect(behavior).toMatchObject({ responseHeadersPolicyId: "67f7725c-6f97-4210-82d7-5512b31e9d03" });
  });
});

test("the console's pages are uploaded, its page never cached and its hashed files for a year", () => {
  const files = all("pulumi-nodejs:dynamic:Resource").find(({ name }) => name.includes("BucketFiles"))?.inputs.files;
  const cached = (files as { key: string; cacheControl: string }[]).map(
    ({ key, cacheControl }) => [key, cacheControl] as const,
  );
  const of = (pattern: RegExp) =>
    new Set(cached.filter(([key]) => pattern.test(key)).map(([, cache]) => cache.split(",")[0]));
  expect([...of(/index\.html$/)]).toEqual(["max-age=0"]);
  expect([...of(/web\/assets\/.*\.js$/)]).toEqual(["max-age=31536000"]);
});

test("a budget mails before AWS costs more than meant", () => {
  const [budget] = all("aws:budgets/budget:Budget");
  expect(budget?.inputs).toMatchObject({
    budgetType: "COST",
    timeUnit: "MONTHLY",
    limitAmount: "20",
    limitUnit: "USD",
  });
  const mails = budget?.inputs.notifications as Record<string, unknown>[];
  expect(mails.map(({ notificationType, threshold }) => [notificationType, threshold])).toEqual([
    ["FORECASTED", 80],
    ["ACTUAL", 100],
  ]);
  for (const { subscriberEmailAddresses } of mails) expect(subscriberEmailAddresses).toEqual(["ops@example.com"]);
});

test("alarms tell of errors and of throttles by mail", () => {
  const alarms = all("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => inputs);
  expect(alarms.map(({ metricName }) => metricName).sort()).toEqual(["Errors", "Throttles"]);
  for (const { alarmActions } of alarms) expect(alarmActions).toEqual([expect.stringContaining(":Alarms")]);
  const [mail] = all("aws:sns/topicSubscription:TopicSubscription");
  expect(mail?.inputs).toMatchObject({ protocol: "email", endpoint: "ops@example.com" });
});

describe("the schedules", () => {
  const schedules = () => all("pulumi-nodejs:dynamic:Resource").filter(({ name }) => name.startsWith("Schedule-"));

  test("call the three jobs through the router, under ids that stay", () => {
    const seen = schedules().map(({ inputs }) => [inputs.scheduleId, inputs.destination, inputs.cron]);
    expect(seen).toEqual(
      ["refresh", "cleanup", "rollup"].map((job) => [
        `claude-relay-ci-${job}`,
        `https://d1.cloudfront.net/cron/${job}`,
        "*/30 * * * *",
      ]),
    );
  });

  test("are made, changed and removed at QStash by what Pulumi runs", async () => {
    const qstash = await startQStash();
    try {
      const [schedule] = schedules();
      const provider = loadProvider(schedule);
      const inputs = { ...schedule?.inputs, url: qstash.url, token: qstash.token, __provider: undefined };
      expect(await provider.create(inputs)).toMatchObject({ id: "claude-relay-ci-refresh" });
      await provider.create(inputs);
      await provider.update("claude-relay-ci-refresh", inputs, { ...inputs, cron: "0 * * * *" });
      expect([...qstash.schedules.values()]).toMatchObject([
        { scheduleId: "claude-relay-ci-refresh", cron: "0 * * * *" },
      ]);
      await provider.delete("claude-relay-ci-refresh", inputs);
      await provider.delete("claude-relay-ci-refresh", inputs);
      expect(qstash.schedules.size).toBe(0);
      await expect(provider.create({ ...inputs, token: "other" })).rejects.toThrow("401");
    } finally {
      qstash.stop();
    }
  });
});

interface Provider {
  create(inputs: object): Promise<unknown>;
  update(id: string, old: object, inputs: object): Promise<unknown>;
  delete(id: string, outs: object): Promise<unknown>;
}

/** Measured 60 to 90. */
const mostSteps = 150;

/** A dynamic provider is kept as JavaScript in the state and run from there: this very text. */
function loadProvider(resource: Resource | undefined): Provider {
  const exports: { handler?: () => Provider } = {};
  new Function("exports", "require", String(reveal(resource?.inputs.__provider)))(exports, () => ({}));
  if (!exports.handler) throw new Error("The schedule has no provider.");
  return exports.handler();
}

/** Names of stages whose endpoints SST's four-digit names confuse: the backup with the messages, the audit with the models. */
test.each(["pr-124", "pr-62"])(
  "stage %s takes every request to its own function",
  async (stage) => {
    const cloud = await startCloud();
    onTestFinished(() => cloud.stop());
    const given = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [`SST_SECRET_${name}`, value]));
    const outcome = await cloud.sst(["diff", "--stage", stage], { ...given, RELAY_BUILT: "true" });
    expect(outcome.code, outcome.output).toBe(0);
    const routeOfStage = await buildRouter(outcome.resources);
    for (const { method, path, endpoint } of sampleRequests())
      expect([method, path, (await routeOfStage(method, path)).host]).toEqual([method, path, hostOf(endpoint)]);
  },
  240_000,
);

describe("a wrong setting stops the deployment, with the words of a start", () => {
  const deployWrong = async (wrong: Record<string, string>) => {
    const cloud = await startCloud();
    onTestFinished(() => cloud.stop());
    const given = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [`SST_SECRET_${name}`, value]));
    return cloud.sst(["deploy", "--stage", "wrong"], { ...given, RELAY_BUILT: "true", ...wrong });
  };

  test("all that a function would read, a line each", async () => {
    const { code, output, resources } = await deployWrong({
      ...{ LOG_LEVEL: "verbose", TIMEZONE: "Mars/Base", REQUEST_TIMEOUT: "10m", TOKEN_REFRESH_INTERVAL: "30m" },
      ...{ SST_SECRET_JwtSecret: "short", SST_SECRET_MetricsToken: "# only if something scrapes" },
    });
    for (const line of [
      'LOG_LEVEL must be one of error, warn, info, debug (it is "verbose")',
      'TIMEZONE must be an IANA name, such as Asia/Shanghai (it is "Mars/Base")',
      'REQUEST_TIMEOUT must be a number from 1000 to 3600000 (it is "10m")',
      'TOKEN_REFRESH_INTERVAL must be a number from 1 to 1440 (it is "30m")',
      "JWT_SECRET must have at least 32 characters",
      "METRICS_TOKEN must be one word",
    ])
      expect(output).toContain(line);
    expect([code, resources]).toEqual([1, []]);
  }, 120_000);

  test.each([
    [{ KEEP_ALIVE_MINUTES: "ten" }, "KEEP_ALIVE_MINUTES must be a number of minutes"],
    [{ BUDGET_USD: "a lot", ALARM_EMAIL: "ops@example.com" }, "BUDGET_USD must be a number of dollars"],
  ])(
    "%j, which only the deployment reads",
    async (wrong, line) => {
      const { code, output, resources } = await deployWrong(wrong);
      expect(output).toContain(line);
      expect([code, resources]).toEqual([1, []]);
    },
    120_000,
  );
});

test("sst diff for production with a domain changes nothing by itself and protects the stage", async () => {
  const cloud = await startCloud();
  onTestFinished(() => cloud.stop());
  const given = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [`SST_SECRET_${name}`, value]));
  const domain = {
    RELAY_DOMAIN: "relay.example.com",
    RELAY_CERTIFICATE_ARN: "arn:aws:acm:us-east-1:123456789012:certificate/1",
  };
  const outcome = await cloud.sst(["diff", "--stage", "production"], { ...given, ...domain, RELAY_BUILT: "true" });
  expect(outcome.code, outcome.output).toBe(0);
  expect(Buffer.byteLength(codeOf(outcome.resources))).toBeLessThan(10_240);
  const distribution = outcome.resources.find(({ type }) => type === "aws:cloudfront/distribution:Distribution");
  expect(distribution?.inputs.aliases).toEqual(["relay.example.com"]);
  const schedule = outcome.resources.find(({ name }) => name === "Schedule-refresh");
  expect(schedule?.inputs.destination).toBe("https://relay.example.com/cron/refresh");
  const removal = await cloud.sst(["remove", "--stage", "production"]);
  expect([removal.code, removal.output]).toEqual([1, expect.stringMatching(/protect/i)]);
  // One command, as the guide says: the protection is read from the configuration as it is now.
  const meant = await cloud.sst(["remove", "--stage", "production"], { RELAY_PROTECT: "false" });
  expect(meant.output).not.toMatch(/protect/i);
}, 240_000);

test("sst deploy without its secrets stops and names the command that sets them", async () => {
  const cloud = await startCloud();
  onTestFinished(() => cloud.stop());
  const outcome = await cloud.sst(["deploy", "--stage", "bare"], { RELAY_BUILT: "true" });
  expect(outcome.code).toBe(1);
  expect(outcome.resources).toEqual([]);
  expect(outcome.output).toMatch(/Set a value for \w+ with `sst secret set \w+ <value>`/);
  // The other commands of the guide: one value by itself, and the lock that an interrupted deployment leaves.
  for (const command of [["secret", "set", "AdminPassword", "another"], ["unlock"]]) {
    const { code, output } = await cloud.sst([...command, "--stage", "bare"]);
    expect(code, output).toBe(0);
  }
}, 120_000);
