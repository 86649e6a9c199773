import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseConfig, type Environment } from "../../functions/config.ts";
import { testEnvironment } from "../environment.ts";

const root = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
// A file of another's format, read by looking.
const yaml = (file: string): any => parse(read(file), { customTags: [{ tag: "!reset", resolve: () => null }] });

/** A Dockerfile as its instructions, continuation lines joined. */
function instructions(): { name: string; value: string }[] {
  const lines = read("Dockerfile")
    .replace(/^#.*\n/gm, "")
    .replace(/\\\n\s*/g, "");
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ name: line.split(" ")[0] ?? "", value: line.slice(line.indexOf(" ") + 1).trim() }));
}

/** `NAME=value` of .env.example; what is commented out shows the default. */
function examples(): Map<string, string> {
  const lines = read(".env.example").matchAll(/^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$/gm);
  return new Map([...lines].map(([, name = "", value = ""]) => [name, value]));
}

const settings = [...read("functions/config.ts").matchAll(/^ {2}([A-Z][A-Z0-9_]+): /gm)].map(([, name = ""]) => name);
const ofCompose = [
  "RELAY_IMAGE",
  "RELAY_PORT",
  "RELAY_DOMAIN",
  "WATCHTOWER_POLL_INTERVAL",
  "WATCHTOWER_NOTIFICATION_URL",
];
/** Read by OpenTelemetry's own libraries. */
const ofOthers = [...ofCompose, "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME"];

describe("Dockerfile", () => {
  const all = instructions();
  const last = all.slice(all.findLastIndex(({ name }) => name === "FROM"));
  const values = (name: string) => last.filter((each) => each.name === name).map(({ value }) => value);

  test("both stages stand on Node 24, the runtime of the functions", () => {
    const bases = all.filter(({ name }) => name === "FROM").map(({ value }) => value);
    expect(bases).toEqual(["--platform=$BUILDPLATFORM node:24-bookworm-slim AS build", "node:24-bookworm-slim"]);
  });

  test("the image gets the bundles and nothing else of the project", () => {
    expect(values("COPY").map((value) => value.split(" ").at(-2))).toEqual([
      "/build/dist/server/",
      "/build/dist/web/",
      "/data/",
    ]);
    expect(values("COPY").every((value) => value.startsWith("--from=build "))).toBe(true);
    expect([...values("RUN"), ...values("ADD")]).toEqual([]);
  });

  test("it runs as node, and node is process 1, so that signals arrive", () => {
    expect(values("USER")).toEqual(["node"]);
    expect(JSON.parse(values("CMD")[0] ?? "")).toEqual(["node", "--min-semi-space-size=16", "server/main.mjs"]);
    expect(values("ENTRYPOINT")).toEqual([]);
    expect(values("EXPOSE")).toEqual(["3000"]);
    expect(values("VOLUME")).toEqual(["/data"]);
  });

  test.each([
    [200, 0],
    [503, 1],
  ])("its health check answers a %i with %i", async (status, code) => {
    const server = createServer((request, response) =>
      response.writeHead(request.url === "/live" ? status : 404).end(),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address ? String(address.port) : "";
    expect(await healthCode(port)).toBe(code);
    server.close();
  });

  test("its health check fails where nobody answers", async () => {
    expect(await healthCode("9")).toBe(1);
  });

  async function healthCode(port: string): Promise<number> {
    const command = JSON.parse(/CMD (\[.*\])$/.exec(values("HEALTHCHECK")[0] ?? "")?.[1] ?? "[]") as string[];
    expect(command[0]).toBe("node");
    const child = spawn(process.execPath, command.slice(1), { env: { PORT: port }, stdio: "ignore" });
    return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? -1)));
  }

  test("the context leaves out secrets, data and what was installed", () => {
    const rules = read(".dockerignore").split("\n");
    expect(rules.find((rule) => rule !== "" && !rule.startsWith("#"))).toBe("*");
    for (const rule of ["**/node_modules", "**/.env*"]) expect(rules).toContain(rule);
    const copied = all.filter(({ name, value }) => name === "COPY" && !value.startsWith("--from"));
    const sources = copied.flatMap(({ value }) => value.split(" ").slice(0, -1));
    for (const source of sources) expect(rules).toContain(`!${source}`);
  });
});

describe(".env.example", () => {
  test("explains every name that config.ts reads, and no other but those of the compose files and of OpenTelemetry", () => {
    expect(settings.length).toBeGreaterThan(30);
    expect([...examples().keys()].filter((name) => !ofOthers.includes(name)).sort()).toEqual([...settings].sort());
  });

  test("shows the defaults as they are", () => {
    const config = parseConfig(testEnvironment) as Record<string, unknown>;
    const shown = [...examples()].filter(([name, value]) => value !== "" && !ofOthers.includes(name));
    const withShown = parseConfig({ ...Object.fromEntries(shown), ...testEnvironment } as Environment);
    for (const [name] of shown) expect({ [name]: config[name] }).toEqual({ [name]: Reflect.get(withShown, name) });
    const defaults = settings.filter((name) => config[name] !== undefined && !(name in testEnvironment));
    for (const name of defaults) expect(shown.map(([each]) => each)).toContain(name);
  });

  test("has no secret in it", () => {
    for (const name of ["JWT_SECRET", "ENCRYPTION_KEY", "ADMIN_PASSWORD", "REDIS_PASSWORD"])
      expect(examples().get(name)).toBe("");
  });
});

describe("compose.yaml", () => {
  const { services, networks, volumes } = yaml("compose.yaml");

  test("Redis keeps its data, evicts nothing, wants a password and is not to be reached from outside", () => {
    expect(services.redis.ports).toBeUndefined();
    expect(services.redis.networks).toEqual(["back"]);
    expect(networks.back.internal).toBe(true);
    expect(services.redis.volumes).toEqual(["redis:/data"]);
    expect(volumes).toHaveProperty("redis");
    for (const word of ["--appendonly yes", "noeviction", "--requirepass"])
      expect(services.redis.command.at(-1)).toContain(word);
  });

  test("the relay gets its secrets from .env, has time to drain, and may write nowhere", () => {
    expect(services.relay.env_file).toBe(".env");
    expect(services.relay.read_only).toBe(true);
    expect(services.relay.cap_drop).toEqual(["ALL"]);
    expect(Number.parseInt(services.relay.stop_grace_period, 10)).toBeGreaterThanOrEqual(30);
    expect(services.relay.depends_on.redis.condition).toBe("service_healthy");
  });

  test("what it sets, with what .env asks for, is a configuration that the relay starts with", () => {
    const set = Object.entries(services.relay.environment as Record<string, string>);
    const filled = set.map(([name, value]) => [name, value.replace(/\$\{.*\}/, "p".repeat(32))]);
    const config = parseConfig({ ...testEnvironment, ...Object.fromEntries(filled) });
    expect(config).toMatchObject({ REDIS_HOST: "redis", REDIS_PORT: 6379, REDIS_ENABLE_TLS: false, PORT: 3000 });
    expect(config.REQUEST_MAX_SIZE_MB).toBe(32);
  });

  test("HTTPS is one profile away: Caddy alone is published then, and reaches the relay alone", () => {
    const { caddy } = services;
    expect(caddy.profiles).toEqual(["https"]);
    expect(caddy.command).toMatch(/^caddy reverse-proxy --from \$\{RELAY_DOMAIN:-localhost\} --to relay:3000$/);
    expect([caddy.networks, caddy.ports]).toEqual([["front"], ["80:80", "443:443"]]);
    expect(volumes).toHaveProperty("caddy");
  });

  test("Watchtower updates the relay alone, hourly, and lets streams end", () => {
    const { relay, watchtower } = yaml("compose.watchtower.yaml").services;
    expect(relay.labels).toEqual({ "com.centurylinklabs.watchtower.enable": "true" });
    expect(relay.build).toBeNull();
    expect(watchtower.environment).toMatchObject({ WATCHTOWER_LABEL_ENABLE: "true", WATCHTOWER_TIMEOUT: "30s" });
    expect(watchtower.environment.WATCHTOWER_POLL_INTERVAL).toContain("3600");
    expect(services.redis.labels).toBeUndefined();
  });
});

describe("Render blueprints", () => {
  const variants = { build: yaml("render.yaml"), image: yaml("render.image.yaml") };

  test.each(Object.entries(variants))(
    "%s: what is set, made and asked for lets the relay start",
    (_name, { services }) => {
      const [service, ...others] = services;
      expect(others).toEqual([]);
      const given = service.envVars.map(({ key, value, generateValue }: Record<string, string | boolean>) => {
        // Render makes 256 bits in base64: 44 characters.
        const made = generateValue === true ? "A".repeat(43) + "=" : undefined;
        return [key, value ?? made ?? asked[String(key)]];
      });
      const config = parseConfig(Object.fromEntries(given) as Environment);
      expect(config).toMatchObject({ REDIS_ENABLE_TLS: true, TRUST_PROXY: 2, PORT: 3000, HOST: "0.0.0.0" });
      expect(config.REQUEST_MAX_SIZE_MB).toBe(32);
    },
  );

  test.each(Object.entries(variants))(
    "%s: no secret is written down, and each is made or asked for",
    (_name, { services }) => {
      const secrets = services[0].envVars.filter(({ key }: { key: string }) => /SECRET|PASSWORD|ENCRYPTION/.test(key));
      expect(secrets).toHaveLength(4);
      for (const each of secrets) expect(each.generateValue === true || each.sync === false).toBe(true);
      const askedFor = services[0].envVars.filter(({ sync }: { sync?: boolean }) => sync === false);
      expect(askedFor.map(({ key }: { key: string }) => key)).toEqual(["REDIS_HOST", "REDIS_PASSWORD"]);
    },
  );

  test.each(Object.entries(variants))(
    "%s: whether it serves is asked for, not whether its store does, and a running stream may end",
    (_name, { services }) => {
      expect(services[0]).toMatchObject({ type: "web", plan: "free", numInstances: 1, healthCheckPath: "/live" });
      expect(services[0].maxShutdownDelaySeconds).toBeGreaterThanOrEqual(30);
      expect(services[0].maxShutdownDelaySeconds).toBeLessThanOrEqual(300);
    },
  );

  test("one is built from the repository, the other runs a published image, and nothing else differs", () => {
    const [built, run] = [variants.build.services[0], variants.image.services[0]];
    expect(built).toMatchObject({ runtime: "docker", dockerfilePath: "./Dockerfile", dockerContext: "." });
    expect(run.runtime).toBe("image");
    expect(run.image.url).toMatch(/^[\w.-]+\/[\w.-]+\/claude-relay:latest$/);
    expect(run.envVars).toEqual(built.envVars);
  });

  const asked: Record<string, string> = {
    REDIS_HOST: "example.upstash.io",
    REDIS_PASSWORD: "secret",
  };
});

describe("workflows", () => {
  const directory = join(root, ".github/workflows");
  const names = readdirSync(directory);
  const workflow = (name: string) => yaml(`.github/workflows/${name}`);

  test.each(names)("%s: rights are named, and every job has an end", (name) => {
    const { permissions, jobs } = workflow(name);
    expect(permissions).toBeDefined();
    for (const job of Object.values<Record<string, unknown>>(jobs)) expect(job["timeout-minutes"]).toBeGreaterThan(0);
  });

  test.each(names)("%s: nothing that others write is pasted into a script", (name) => {
    for (const job of Object.values<{ steps: { run?: string }[] }>(workflow(name).jobs))
      for (const { run = "" } of job.steps) expect(run).not.toContain("${{");
  });

  test("a push is tested by the same program as everywhere", () => {
    expect(workflow("test.yml").jobs.test.steps.at(-1)).toEqual({ run: ".ci/run" });
    expect(statSync(join(root, ".ci/run")).mode & 0o111).toBe(0o111);
  });

  test("a tag publishes both platforms with provenance and a bill of materials", () => {
    const { on, jobs } = workflow("publish.yml");
    expect(on.push.tags).toEqual(["v*.*.*"]);
    const build = jobs.image.steps.find(({ id }: { id?: string }) => id === "build").with;
    expect(build).toMatchObject({
      platforms: "linux/amd64,linux/arm64",
      push: true,
      provenance: "mode=max",
      sbom: true,
    });
    expect(jobs.image.permissions).toMatchObject({ packages: "write", "id-token": "write" });
  });

  test("nobody gets a tag that was not tested, nor a name for an image that did not run", () => {
    const { jobs } = workflow("publish.yml");
    expect(jobs.image.needs).toBe("test");
    expect(jobs.test.steps.at(-1)).toEqual({ run: ".ci/run" });
    const steps = jobs.image.steps as { id?: string; run?: string; uses?: string; with?: { tags?: string } }[];
    const at = (what: string) => steps.findIndex(({ id, run = "" }) => id === what || run.includes(what));
    // What is built gets one name that nobody is told to use; the others are given to that very digest.
    expect(steps[at("build")]?.with?.tags).toMatch(/:candidate$/);
    expect(at("build")).toBeLessThan(at("docker run"));
    expect(at("docker run")).toBeLessThan(at("imagetools create"));
    expect(at("imagetools create")).toBeLessThan(at("imgURL"));
    for (const step of ["docker run", "imagetools create", "imgURL"])
      expect(steps[at(step)]?.run, step).toContain("@$DIGEST");
    // On what Render's free plan has, to an answer that only the relay itself gives, and down again within its grace.
    const smoke = steps[at("docker run")]?.run ?? "";
    for (const part of ["--memory 512m", "--cpus 0.1", "--read-only", "/health", "= 401", "docker stop", "= 0 ]"])
      expect(smoke).toContain(part);
    expect(steps.some(({ uses = "" }) => uses.startsWith("actions/attest-build-provenance@"))).toBe(true);
    // A release's files name the image's owner.
    expect(at("scripts/owner.ts")).toBeGreaterThan(at("docker run"));
    expect(steps[at("scripts/owner.ts")]?.run).toMatch(/gh release create .*render\.image\.yaml compose\.yaml/);
  });

  test("what keeps a free plan awake asks more often than every fifteen minutes", () => {
    const { on, jobs } = workflow("keep-alive.yml");
    expect(on.schedule).toEqual([{ cron: "*/10 * * * *" }]);
    expect(jobs.ask.if).toContain("RELAY_URL");
  });

  test("updates are proposed for packages, images and actions", () => {
    const ecosystems = yaml(".github/dependabot.yml").updates.map(
      (each: Record<string, string>) => each["package-ecosystem"],
    );
    expect(ecosystems).toEqual(["npm", "docker", "docker-compose", "github-actions"]);
  });
});
