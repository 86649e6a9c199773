import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { bin, preparePlatform, root } from "./platform.ts";

beforeAll(preparePlatform, 600_000);

test("sst.config.ts and infra/ agree with the types of SST's own components", () => {
  const cache = join(root, "node_modules/.cache/tsc-infra.json");
  const args = ["-p", "tsconfig.infra.json", "--incremental", "--tsBuildInfoFile", cache];
  let problems = "";
  try {
    execFileSync(join(bin, "tsc"), args, {
      cwd: root,
      encoding: "utf8",
      stdio: "pipe",
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    });
  } catch (error) {
    problems = String((error as { stdout?: string }).stdout ?? error);
  }
  expect(problems).toBe("");
}, 240_000);
