import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { parseConfig } from "../../functions/config.ts";
import { endpoints } from "../../functions/routes.ts";
import { names } from "../../infra/settings.ts";
import { deploy, type Deployment } from "./deployment.ts";
import { root } from "./platform.ts";
import { startCloud } from "./sst.ts";

const read = (file: string) => readFileSync(join(root, file), "utf8");
let deployed: Deployment;
beforeAll(async () => (deployed = await deploy()), 600_000);

describe.each(["docs/deploy-aws.md", "docs/deploy-aws.zh.md"])("%s", (file) => {
  const text = read(file);

  test("counts what will stand there as it is", () => {
    const count = Object.keys(endpoints).length;
    expect(text).toMatch(new RegExp(`^${count} (functions|个函数)`, "m"));
    const schedules = deployed.resources.filter(({ name }) => name.startsWith("Schedule-"));
    expect(schedules.map(({ inputs }) => inputs.cron)).toEqual(Array(3).fill("*/30 * * * *"));
    expect(text).toContain("144");
  });

  test("names every setting and every secret that a deployment takes", () => {
    const secrets = [...read("infra/secrets.ts").matchAll(/"([A-Z][a-z]\w+)"/g)].map(([, name = ""]) => name);
    const isTold = (name: string) => text.includes(name) || (name.startsWith("OTEL_") && text.includes("OTEL_"));
    expect([...names, ...secrets].filter((name) => !isTold(name))).toEqual([]);
    const infra = ["router", "stage", "alarms", "budget", "schedules", "check"].map((name) => `infra/${name}.ts`);
    const variables = [...infra, "functions/operations/jobs/schedules.ts"].flatMap((name) => [
      ...read(name).matchAll(/(?:process\.env|environment)\.([A-Z_]+)/g),
    ]);
    expect(variables.map(([, name = ""]) => name).filter((name) => !text.includes(name))).toEqual([]);
  });

  test("adds its costs up", () => {
    const rows = text.split("\n").filter((line) => /^\|(.*\$\d){3}/.test(line));
    const dollars = (cell = "") => Number(/\$([\d.]+)\D*$/.exec(cell)?.[1]);
    const [sum = [], ...parts] = rows.map((row) => row.split("|").slice(2, 5).map(dollars)).reverse();
    for (const column of [0, 1, 2]) {
      const total = parts.reduce((all, row) => all + (row[column] ?? 0), 0);
      expect(total).toBeCloseTo(sum[column] ?? Number.NaN, 2);
    }
  });
});

test.each(["docs/deploy-aws.md", "docs/deploy-aws.zh.md"])(
  "%s: its block of secrets, loaded by the genuine sst, makes a configuration, and no comment a secret",
  async (file) => {
    const [, block = ""] = /<<END\n([^]*?)\nEND/.exec(read(file)) ?? [];
    // As the shell fills it in, and the reader.
    const filled = block
      .replace(/\$\(openssl rand -hex (\d+)\)/g, (_, bytes: string) => "a".repeat(Number(bytes) * 2))
      .replace(/\$\(openssl rand -base64 18\)/g, "b".repeat(24))
      .replaceAll("…", "x");
    const cloud = await startCloud();
    onTestFinished(() => cloud.stop());
    const loaded = await cloud.sst(["secret", "load", cloud.writeText("guide.env", filled), "--stage", "guide"]);
    expect(loaded.code, loaded.output).toBe(0);
    const { output } = await cloud.sst(["secret", "list", "--stage", "guide"]);
    const listed = [...output.matchAll(/^([A-Z]\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value.trim()]);
    const secrets = [...read("infra/secrets.ts").matchAll(/"([A-Z][a-z]\w+)"/g)].map(([, name = ""]) => name);
    const optional = ["MetricsToken", "EncryptionKeyPrevious"];
    expect(listed.map(([name]) => name).sort()).toEqual(secrets.filter((name) => !optional.includes(name)).sort());
    const variable = (name = "") => name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
    const environment = Object.fromEntries(listed.map(([name, value]) => [variable(name), value]));
    expect(() => parseConfig({ ...environment, PUBLIC_URL: "https://relay.example" })).not.toThrow();
    // What the old block made of the line for /metrics.
    const old = await cloud.sst([
      "secret",
      "load",
      cloud.writeText("old.env", "MetricsToken=   # only if\n"),
      "--stage",
      "old",
    ]);
    expect(old.code).toBe(0);
    const kept = /^MetricsToken=(.*)$/m.exec((await cloud.sst(["secret", "list", "--stage", "old"])).output)?.[1];
    expect(() => parseConfig({ ...environment, PUBLIC_URL: "https://r.example", METRICS_TOKEN: kept })).toThrow(
      "METRICS_TOKEN",
    );
  },
  120_000,
);

test("the policy of the guide speaks of every service in which something is made", () => {
  const [, policy = "{}"] = /```json\n([^]*?)\n```/.exec(read("docs/deploy-aws.md")) ?? [];
  const { Statement: statements } = JSON.parse(policy) as { Statement: { Action: string | string[] }[] };
  const allowed = new Set(statements.flatMap(({ Action }) => [Action].flat().map((action) => action.split(":")[0])));
  const made = deployed.resources.flatMap(({ type }) => /^aws:(\w+)\//.exec(type)?.[1] ?? []);
  expect([...new Set(made)].filter((service) => !allowed.has(service))).toEqual([]);
});
