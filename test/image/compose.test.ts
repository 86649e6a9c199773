import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../functions/config.ts";
import { testEnvironment } from "../environment.ts";
import { composeConfig } from "./compose.ts";

const root = join(import.meta.dirname, "../..");
const both = ["compose.yaml", "compose.watchtower.yaml"];
/** What Compose has read from `.env`; a dollar in a value is no name any more. */
const env = { REDIS_PASSWORD: "a$b".padEnd(32, "x") };

describe("docker compose config", () => {
  test("the relay and its Redis, by the values of .env", () => {
    const { services } = composeConfig({ files: ["compose.yaml"], env });
    expect(Object.keys(services)).toEqual(["relay", "redis"]);
    expect(services.relay).toMatchObject({ image: "claude-relay:local", build: ".", ports: ["3000:3000"] });
    // Both sides get the very same password, and Redis's shell gets its own dollar.
    expect(services.relay.environment.REDIS_PASSWORD).toBe(env.REDIS_PASSWORD);
    expect(services.redis.environment.REDIS_PASSWORD).toBe(env.REDIS_PASSWORD);
    expect(services.redis.command.at(-1)).toMatch(/--requirepass "\$REDIS_PASSWORD"$/);
    expect(services.redis.healthcheck.test[1]).toMatch(/^REDISCLI_AUTH="\$REDIS_PASSWORD" /);
    expect(parseConfig({ ...testEnvironment, ...services.relay.environment })).toMatchObject({
      REDIS_HOST: "redis",
      HOST: "0.0.0.0",
    });
  });

  test("the https profile adds Caddy, for the domain of .env, on a port of one's own", () => {
    const asked = { ...env, RELAY_DOMAIN: "relay.example.com", RELAY_PORT: "8080" };
    const { services } = composeConfig({ files: ["compose.yaml"], env: asked, profiles: ["https"] });
    expect(Object.keys(services)).toEqual(["relay", "redis", "caddy"]);
    expect(services.caddy.command).toBe("caddy reverse-proxy --from relay.example.com --to relay:3000");
    expect(services.relay.ports).toEqual(["8080:3000"]);
  });

  test.each([[[]], [["https"]]])(
    "Watchtower's file over it, with profiles %j: the image is pulled, none is built",
    (profiles) => {
      const asked = { ...env, RELAY_IMAGE: "ghcr.io/some-team/claude-relay:latest" };
      const { services } = composeConfig({ files: both, env: asked, profiles });
      expect(Object.keys(services)).toEqual(["relay", "redis", ...(profiles.length ? ["caddy"] : []), "watchtower"]);
      expect(services.relay.image).toBe(asked.RELAY_IMAGE);
      expect(services.relay).not.toHaveProperty("build");
      // What the first file says of it still holds.
      expect(services.relay).toMatchObject({ read_only: true, stop_grace_period: "30s", env_file: ".env" });
      expect(services.watchtower.environment).toMatchObject({ WATCHTOWER_POLL_INTERVAL: "3600" });
    },
  );

  test("what .env must say is asked for by its name", () => {
    expect(() => composeConfig({ files: ["compose.yaml"], env: {} })).toThrow(/REDIS_PASSWORD .*set it in \.env/);
    expect(() => composeConfig({ files: ["compose.yaml"], env: { REDIS_PASSWORD: "" } })).toThrow(/REDIS_PASSWORD/);
    expect(() => composeConfig({ files: both, env })).toThrow(/RELAY_IMAGE .*set it in \.env/);
  });

  test.each([
    ["a word that the specification does not know", "services: { relay: { image: x, restartt: always } }"],
    ["a network that nothing declares", "services: { relay: { image: x, networks: [middle] } }"],
    ["a volume that nothing declares", "services: { relay: { image: x, volumes: ['data:/data'] } }"],
    ["a service that is not there", "services: { relay: { image: x, depends_on: [redis] } }"],
    ["neither an image nor a way to build one", "services: { relay: { restart: always } }"],
    ["a broken name", "services: { relay: { image: 'x:${TAG' } }"],
  ])("refuses %s", (_what, text) => {
    const directory = mkdtempSync(join(tmpdir(), "relay-compose-"));
    const file = join(directory, "compose.yaml");
    writeFileSync(file, text);
    expect(() => composeConfig({ files: [file], env: {} })).toThrow();
    rmSync(directory, { recursive: true });
  });

  test(".env.example as it stands lacks the secrets alone, and every name that the files ask for is in it", () => {
    const example = readFileSync(join(root, ".env.example"), "utf8");
    const asked = both.flatMap((file) => [...readFileSync(join(root, file), "utf8").matchAll(/(?<!\$)\$\{(\w+)/g)]);
    for (const [, name] of asked) expect(example, name).toMatch(new RegExp(`^(# )?${name}=`, "m"));
    const lines = [...example.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]);
    const made = { JWT_SECRET: 64, ENCRYPTION_KEY: 32, ADMIN_PASSWORD: 12, REDIS_PASSWORD: 32 };
    const filled: Record<string, string> = Object.fromEntries(lines);
    for (const [name, bytes] of Object.entries(made)) filled[name] = randomBytes(bytes).toString("hex");
    const { services } = composeConfig({ files: ["compose.yaml"], env: filled });
    expect(() => parseConfig({ ...filled, ...services.relay.environment })).not.toThrow();
  });
});
