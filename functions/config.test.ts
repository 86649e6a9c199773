import { describe, expect, test } from "vitest";
import { testEnvironment } from "../test/environment.ts";
import { ConfigError, parseConfig, type Environment } from "./config.ts";

const parse = (more: Environment) => parseConfig({ ...testEnvironment, ...more });
const problemsOf = (more: Environment): readonly string[] => {
  try {
    parse(more);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

const pairs = {
  QSTASH_CURRENT_SIGNING_KEY: "sig_1",
  QSTASH_NEXT_SIGNING_KEY: "sig_2",
  PUBLIC_URL: "https://r.example",
};

describe("a comment behind a value", () => {
  const tokens = [
    "METRICS_TOKEN",
    "ORIGIN_SECRET",
    "QSTASH_TOKEN",
    "QSTASH_CURRENT_SIGNING_KEY",
    "UPSTASH_REDIS_REST_TOKEN",
  ];

  test.each(tokens)("is never taken for %s", (name) => {
    const rest = { ...pairs, UPSTASH_REDIS_REST_URL: "https://x.upstash.io", UPSTASH_REDIS_REST_TOKEN: "t" };
    for (const value of ["# only if something scrapes /metrics", "#nothing", "abc # mine", "two words", "a\tb"])
      expect(problemsOf({ ...rest, [name]: value })).toEqual([expect.stringMatching(`^${name} must be one word`)]);
    expect(problemsOf({ ...rest, [name]: "a#b-c_d/=+" })).toEqual([]);
  });

  test.each(["JWT_SECRET", "ENCRYPTION_KEY", "ENCRYPTION_KEY_PREVIOUS", "ADMIN_PASSWORD", "REDIS_PASSWORD"])(
    "is never taken for %s",
    (name) => {
      const value = "# made with openssl rand, 32 lett";
      const problems = problemsOf({ REDIS_HOST: "redis", [name]: value.slice(0, 32) });
      expect(problems).toContainEqual(expect.stringMatching(`^${name} holds a comment`));
    },
  );

  test("is shown where it spoils a setting, never where it stands in a secret", () => {
    expect(problemsOf({ REDIS_ENABLE_TLS: "false  # set" })).toEqual([
      'REDIS_ENABLE_TLS must be true or false (it is "false  # set")',
    ]);
    expect(problemsOf({ METRICS_TOKEN: "hidden words" }).join()).not.toContain("hidden");
    expect(problemsOf({ REDIS_URL: "http://user:hidden@host" }).join()).not.toContain("hidden");
    expect(problemsOf({ PUBLIC_URL: "user:hidden@host" }).join()).not.toContain("hidden");
  });
});

test("blanks around a value are no part of it", () => {
  const config = parse({ REDIS_HOST: " redis ", LOG_LEVEL: "debug\n", METRICS_TOKEN: "\tabc ", REDIS_PORT: " 6380" });
  expect(config).toMatchObject({ REDIS_HOST: "redis", LOG_LEVEL: "debug", METRICS_TOKEN: "abc", REDIS_PORT: 6380 });
  expect(parse({ METRICS_TOKEN: "  " }).METRICS_TOKEN).toBeUndefined();
});

describe("Upstash over TCP", () => {
  test.each([
    [{ REDIS_HOST: "eu1-x.upstash.io" }, true],
    [{ REDIS_HOST: "eu1-x.upstash.io", REDIS_ENABLE_TLS: "false" }, false],
    [{ REDIS_HOST: "upstash.io.example.com" }, false],
  ])("%j takes TLS: %s", (given, tls) => expect(parse(given).REDIS_ENABLE_TLS).toBe(tls));

  test.each([
    ["redis://default:p@x.upstash.io:6379", "rediss://default:p@x.upstash.io:6379"],
    ["redis://default:p@redis:6379", "redis://default:p@redis:6379"],
  ])("%s becomes %s", (given, expected) => expect(parse({ REDIS_URL: given }).REDIS_URL).toBe(expected));
});

test("signs of life that come later than silence is ended are no configuration", () => {
  const late = { KEEPALIVE_SECONDS: "55", FIRST_BYTE_SECONDS: "55" };
  expect(problemsOf(late)).toEqual([expect.stringMatching(/^KEEPALIVE_SECONDS must be less than 55/)]);
  expect(problemsOf({ KEEPALIVE_SECONDS: "54", FIRST_BYTE_SECONDS: "55" })).toEqual([]);
  expect(problemsOf({ KEEPALIVE_SECONDS: "300" })).toEqual([]);
});
