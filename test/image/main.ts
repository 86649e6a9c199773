import assert from "node:assert/strict";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startUpstream } from "../upstream/upstream.ts";
import { baseName, buildBase } from "./base.ts";
import { runContainer, runReadOnly, type Container } from "./container.ts";
import { shell } from "./shell.ts";

/**
 * `npm run test:image`: builds the Dockerfile as it is and runs the image, without an engine, with buildah (as root, on
 * Debian, on whose packages the stand-in for the base image rests); with `-- --built` the one built last. Ends with the figures and `N passed, N failed`.
 */
const root = fileURLToPath(new URL("../../", import.meta.url));
// Outside of the checkout, so that the base is put together once a machine.
const cache = "/var/tmp/claude-relay-image";
const imageName = "localhost/claude-relay:test";
const environment: NodeJS.ProcessEnv = {
  ...process.env,
  STORAGE_DRIVER: "vfs",
  BUILDAH_ISOLATION: "chroot",
  CONTAINERS_STORAGE_CONF: join(cache, "storage.conf"),
};
const buildah = (...args: string[]) => shell("buildah", args, { env: environment, cwd: root });
const counts = { passed: 0, failed: 0 };
const figures: Record<string, string> = {};

async function check(name: string, work: () => Promise<void> | void): Promise<void> {
  try {
    await work();
    counts.passed += 1;
    console.log(`ok     ${name}`);
  } catch (error) {
    counts.failed += 1;
    console.log(
      `FAILED ${name}\n${(error instanceof Error ? (error.stack ?? "") : String(error)).replace(/^/gm, "    ")}`,
    );
  }
}

async function install(): Promise<void> {
  const needed = ["buildah", "crun", "debootstrap"];
  const missing = needed.filter((name) => !["/usr/bin/", "/usr/sbin/"].some((path) => existsSync(path + name)));
  if (missing.length === 0) return;
  process.stderr.write(`${missing.join(", ")} missing: installing Debian's with apt-get\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await shell("apt-get", ["update"], { env });
  await shell("apt-get", ["install", "-y", "--no-install-recommends", ...missing], { env });
}

/** This machine's npm settings and certificates, lent to the build and not left in the image. */
async function lendNpm(directory: string): Promise<string[]> {
  const get = async (name: string) => (await shell("npm", ["config", "get", name], { cwd: root })).trim();
  const lines = [`registry=${await get("registry")}`];
  const cafile = [await get("cafile"), process.env.NODE_EXTRA_CA_CERTS ?? ""].find((file) => existsSync(file));
  const volumes: string[] = [];
  if (cafile !== undefined) {
    lines.push("cafile=/run/npm-ca.crt");
    volumes.push("--volume", `${cafile}:/run/npm-ca.crt:ro`);
  }
  writeFileSync(join(directory, "npmrc"), `${lines.join("\n")}\n`);
  return [...volumes, "--volume", `${join(directory, "npmrc")}:/usr/local/etc/npmrc:ro`];
}

interface Image {
  readonly command: readonly string[];
  readonly health: readonly string[];
  readonly user: string;
  readonly settings: readonly string[];
}

async function build(directory: string): Promise<Image> {
  mkdirSync(cache, { recursive: true });
  const storage = `[storage]\ndriver = "vfs"\ngraphroot = "${cache}/graph"\nrunroot = "${cache}/run"\n`;
  writeFileSync(join(cache, "storage.conf"), storage);
  await buildBase(cache, environment);
  if (!process.argv.includes("--built")) {
    const startedAt = performance.now();
    await buildah("bud", "--pull-never", "--format", "docker", ...(await lendNpm(directory)), "-t", imageName, ".");
    // What the last run built has lost its name.
    await buildah("rmi", "--prune");
    figures["build"] = `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
  }
  const inspected = JSON.parse(await buildah("inspect", "--type", "image", imageName)) as {
    Docker: { config: { Cmd: string[]; User: string; Env: string[]; Healthcheck?: { Test: string[] } } };
  };
  const { Cmd: command, User: user, Env: settings, Healthcheck } = inspected.Docker.config;
  return { command, user, settings, health: (Healthcheck?.Test ?? []).slice(1) };
}

async function measureSize(): Promise<number> {
  const sizeOf = async (name: string) => {
    const [{ size }] = JSON.parse(await buildah("images", "--json", name)) as [{ size: string }];
    const [, amount = "0", unit = "MB"] = /^([\d.]+)\s*(\w+)$/.exec(size) ?? [];
    return Number(amount) * ({ KB: 0.001, MB: 1, GB: 1_000 }[unit] ?? Number.NaN);
  };
  return (await sizeOf(imageName)) - (await sizeOf(baseName));
}

type Admin = (method: string, path: string, body: unknown) => Promise<Record<string, string>>;

async function signIn(container: Container): Promise<Admin> {
  const password = /Password +(\S+)/.exec(container.output())?.[1] ?? "";
  let token = "";
  const ask: Admin = async (method, path, body) => {
    const response = await fetch(container.url + path, {
      method,
      headers: { "content-type": "application/json", ...(token === "" ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    assert.equal(response.status, 201, text);
    return JSON.parse(text) as Record<string, string>;
  };
  token = (await ask("POST", "/admin/session", { username: "admin", password, bearer: true })).token ?? "";
  return ask;
}

function ask(url: string, secret: string, content: string, signal?: AbortSignal): Promise<Response> {
  const body = { model: "claude-sonnet-5", max_tokens: 64, stream: true, messages: [{ role: "user", content }] };
  return fetch(`${url}/api/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": secret },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
}

/** Opens streams, fifty at a time, until each has had its first bytes, so that all are open at once; then hangs up. */
async function holdStreams(count: number, open: (signal: AbortSignal) => Promise<Response>): Promise<void> {
  const hangUp = new AbortController();
  const first = async () => {
    const response = await open(hangUp.signal);
    assert.equal(response.status, 200, response.status === 200 ? "" : await response.text());
    const { value } = (await response.body?.getReader().read()) ?? {};
    assert.match(Buffer.from(value ?? []).toString(), /^event: message_start/);
  };
  try {
    for (let opened = 0; opened < count; opened += 50) await Promise.all(Array.from({ length: 50 }, first));
  } finally {
    hangUp.abort();
  }
}

async function tryImage(image: Image, data: string): Promise<void> {
  const upstream = await startUpstream();
  // 1,000 streams are 2,000 sockets, and buildah allows 1,024 unless told; Docker allows far more.
  const descriptors = ["--ulimit", "nofile=8192:8192"];
  const name = (await buildah("from", "--pull-never", ...descriptors, imageName)).trim();
  const files = (await buildah("mount", name)).trim();
  const start = () => runContainer(name, { command: image.command, data, environment });
  const isHealthy = () => buildah("run", "--env", "PORT=18080", name, "--", ...image.health);
  let secret = "";
  try {
    await check("the health check fails while nothing runs", () => assert.rejects(isHealthy()));
    writeFileSync(join(data, "..", "before"), "");
    let container = await start();
    figures["start to healthy"] = `${container.startMs.toFixed(0)} ms`;
    await check("starts without any setting, healthy within a second", async () => {
      await isHealthy();
      assert.ok(container.startMs < 1_000, `${container.startMs} ms`);
    });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    figures["resident at rest"] = `${container.rssMb().toFixed(0)} MB`;
    await check("takes at most 90 MB at rest", () => assert.ok(container.rssMb() <= 90, figures["resident at rest"]));
    await check("runs as the user node", () => assert.equal(container.userId(), 1000));
    await check("brings the command for backups", async () => {
      assert.match(await buildah("run", name, "--", "claude-relay", "--help"), /claude-relay export/);
    });
    await check("serves the console", async () => {
      assert.match(await (await fetch(`${container.url}/web`)).text(), /<title>/);
    });
    await check("relays a streamed message", async () => {
      const admin = await signIn(container);
      const credential = { kind: "api-key", secret: "sk-sim-ok" };
      await admin("POST", "/admin/accounts", { name: "One", kind: "anthropic", baseUrl: upstream.url, credential });
      secret = (await admin("POST", "/admin/keys", { name: "One" })).secret ?? "";
      const response = await ask(container.url, secret, "hello");
      assert.equal(response.status, 200);
      assert.match(await response.text(), /event: message_stop/);
    });
    figures["resident after a sign-in and a message"] = `${container.rssMb().toFixed(0)} MB`;
    await check("finishes a running stream on SIGTERM, then ends with 0", async () => {
      const response = await ask(container.url, secret, "[[sim:pace=100,deltas=20]]");
      container.signal("SIGTERM");
      const text = await response.text();
      assert.equal(text.match(/event: content_block_delta/g)?.length, 20);
      assert.match(text, /event: message_stop/);
      assert.equal(await container.ended, 0);
    });
    await check("writes nothing but its data", async () => {
      const own = ["./data", "./proc", "./sys", "./dev", "./run", "./etc/hosts", "./etc/resolv.conf", "./tmp"];
      const prune = own.flatMap((path) => ["-path", path, "-prune", "-o"]);
      const newer = ["-newer", join(data, "..", "before"), "-type", "f", "-print"];
      assert.equal(await shell("find", [".", ...prune, ...newer], { cwd: files }), "");
    });
    await check("has its data after a restart", async () => {
      container = await start();
      assert.doesNotMatch(container.output(), /Password/);
      const response = await ask(container.url, secret, "hello again");
      assert.match(await response.text(), /event: message_stop/);
    });
    await check("holds 1,000 open streams of 60 kB requests within a plan of 512 MB", async () => {
      await holdStreams(1_000, (signal) =>
        ask(container.url, secret, `[[sim:silence=2]]${"x".repeat(60_000)}`, signal),
      );
      figures["resident with 1,000 open streams"] = `${container.peakMb().toFixed(0)} MB at most`;
      assert.ok(container.peakMb() <= 400, figures["resident with 1,000 open streams"]);
    });
    container.signal("SIGTERM");
    assert.equal(await container.ended, 0);
    await check("starts and is healthy with a read-only root file system", async () => {
      container = await runReadOnly(files, image);
      await isHealthy();
      container.signal("SIGTERM");
      assert.equal(await container.ended, 0);
    });
  } finally {
    await buildah("rm", name);
    await upstream.stop();
  }
}

async function main(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error("needs root, to put a base image together and to run it");
  const directory = mkdtempSync(join(tmpdir(), "relay-image-"));
  try {
    await install();
    const data = join(directory, "data");
    mkdirSync(data);
    chownSync(data, 1000, 1000);
    const image = await build(directory);
    const size = await measureSize();
    figures["above the base"] = `${size.toFixed(1)} MB`;
    await check("adds at most 120 MB to the base", () => assert.ok(size > 0 && size <= 120, `${size} MB`));
    await check("names the user and the command as the Dockerfile does", () => {
      assert.equal(image.user, "node");
      assert.ok(
        readFileSync(join(root, "Dockerfile"), "utf8").includes(
          `CMD ${JSON.stringify(image.command).replaceAll(",", ", ")}`,
        ),
      );
    });
    await tryImage(image, data);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

await check("the image is built and runs", main);
for (const [name, value] of Object.entries(figures)) console.log(`${name}: ${value}`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed === 0 ? 0 : 1);
