import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { listCalls } from "../../functions/operations/jobs/schedules.ts";
import { describeApp } from "../../infra/stage.ts";
import { root } from "./platform.ts";

afterEach(() => vi.unstubAllEnvs());

test("every stage is tagged, leaves nothing behind that costs money, and only production is protected", () => {
  for (const stage of ["dev", "ci", "production"]) {
    const app = describeApp(stage);
    expect(app).toMatchObject({ name: "claude-relay", home: "aws", removal: "remove" });
    expect(app.providers.aws.defaultTags).toEqual({ tags: { app: "claude-relay", stage } });
    expect(app.protect).toBe(stage === "production");
  }
  vi.stubEnv("RELAY_PROTECT", "false");
  expect(describeApp("production").protect).toBe(false);
});

test("is deployed where AWS_REGION says", () => {
  vi.stubEnv("AWS_REGION", "eu-central-1");
  expect(describeApp("dev").providers.aws.region).toBe("eu-central-1");
});

test("asks /health as often as KEEP_ALIVE_MINUTES says, and by itself never", () => {
  expect(listCalls({}).some(({ path }) => path === "/health")).toBe(false);
  expect(listCalls({ KEEP_ALIVE_MINUTES: "10" })).toContainEqual(
    expect.objectContaining({ job: "awake", path: "/health", cron: "*/10 * * * *" }),
  );
});

test("each concern of infra/ is one file of at most 40 lines", () => {
  const files = readdirSync(join(root, "infra")).filter((name) => name.endsWith(".ts"));
  const lengths = files.map((name) => [name, readFileSync(join(root, "infra", name), "utf8").split("\n").length - 1]);
  expect(lengths.filter(([, length]) => Number(length) > 40)).toEqual([]);
});
