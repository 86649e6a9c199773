import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigError, parseConfig } from "../../config.ts";
import { completeSecrets } from "./secrets.ts";

let directory: string;
beforeEach(() => (directory = join(mkdtempSync(join(tmpdir(), "relay-secrets-")), "data")));
afterEach(() => rmSync(join(directory, ".."), { recursive: true }));

const given = {
  JWT_SECRET: "x".repeat(40),
  ENCRYPTION_KEY: "y".repeat(32),
  ADMIN_USERNAME: "root",
  ADMIN_PASSWORD: "long enough",
};

describe("secrets of a start without configuration", () => {
  test("are generated so that the configuration parses, and differ from place to place", () => {
    const one = completeSecrets({ DATA_DIR: directory });
    const other = completeSecrets({ DATA_DIR: join(directory, "other") });
    expect(() => parseConfig(one.environment)).not.toThrow();
    for (const name of ["JWT_SECRET", "ENCRYPTION_KEY", "ADMIN_PASSWORD"]) {
      expect(one.environment[name]).not.toBe(other.environment[name]);
    }
  });

  test("are readable by their owner only, in a directory of its own", () => {
    completeSecrets({ DATA_DIR: directory });
    expect(statSync(join(directory, "secrets.json")).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(readdirSync(directory)).toEqual(["secrets.json"]);
  });

  test("stay the same from the second start on, which is no longer the first", () => {
    const first = completeSecrets({ DATA_DIR: directory });
    const second = completeSecrets({ DATA_DIR: directory });
    expect([first.isFirstStart, second.isFirstStart]).toEqual([true, false]);
    expect(second.environment).toEqual(first.environment);
  });

  test("give way to what is set; an empty value is not set", () => {
    const { environment } = completeSecrets({ DATA_DIR: directory, ADMIN_PASSWORD: "my own words", JWT_SECRET: "" });
    expect(environment.ADMIN_PASSWORD).toBe("my own words");
    expect(environment.JWT_SECRET?.length).toBe(128);
    expect(readFileSync(join(directory, "secrets.json"), "utf8")).not.toContain("my own words");
  });

  test("are not made when all of them are set", () => {
    expect(completeSecrets({ DATA_DIR: directory, ...given }).environment).toMatchObject(given);
    expect(existsSync(directory)).toBe(false);
  });

  test.each([{ REDIS_HOST: "redis" }, { REDIS_URL: "redis://redis" }, { UPSTASH_REDIS_REST_URL: "https://x" }])(
    "are not made for a store that others may share: %o",
    (store) => {
      const { environment, isFirstStart } = completeSecrets({ DATA_DIR: directory, ...store });
      expect([environment.JWT_SECRET, isFirstStart, existsSync(directory)]).toEqual([undefined, false, false]);
    },
  );

  test.each(["{", "[]", "null", '{"JWT_SECRET":"x"}', ""])("a damaged file stops the start in words: %s", (content) => {
    completeSecrets({ DATA_DIR: directory });
    writeFileSync(join(directory, "secrets.json"), content);
    expect(() => completeSecrets({ DATA_DIR: directory })).toThrow(/secrets\.json is damaged; put it back/);
  });

  test("a place that cannot be written to stops the start in words", () => {
    writeFileSync(join(directory, "..", "file"), "");
    const failed = () => completeSecrets({ DATA_DIR: join(directory, "..", "file", "data") });
    expect(failed).toThrow(ConfigError);
    expect(failed).toThrow(/DATA_DIR cannot be used .* make .* writable/);
  });
});
