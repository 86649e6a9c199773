import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

export const root = join(import.meta.dirname, "../..");
export const bin = join(root, "node_modules/.bin");
const platform = join(root, ".sst/platform");

/** Without these SST fetches Pulumi and Bun from GitHub, and tells its makers that it ran. */
export const offline = {
  SST_SKIP_DEPENDENCY_CHECK: "1",
  NO_BUN: "1",
  SST_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
  AWS_EC2_METADATA_DISABLED: "true",
} as const;

/** SST's own components in `.sst/platform`, installed if they are missing or of another version: a minute, once. */
export function preparePlatform(): Promise<void> {
  return withLock("install", async () => {
    if (isPrepared()) return;
    console.log("Installing SST's components into .sst/platform; this takes a minute, once.");
    const environment = { ...process.env, ...offline, PATH: `${bin}:${process.env.PATH}` };
    execFileSync(join(bin, "sst"), ["install", "--stage", "ci"], {
      cwd: root,
      env: environment,
      stdio: "pipe",
      timeout: 240_000,
    });
    if (!isPrepared())
      throw new Error("`sst install` ended well, but .sst/platform is not complete; remove .sst and try again.");
  });
}

/** Test files run at the same time, and what one of them is making the others wait for. */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const lock = join(root, `node_modules/.sst-${name}.lock`);
  while (!take(lock)) await wait(200);
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** A file that names the process which works; one that was killed does not block the next for ever. */
function take(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const holder = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : 0;
    if (holder > 0 && !existsSync(`/proc/${holder}`)) rmSync(lock, { force: true });
    return false;
  }
}

function isPrepared(): boolean {
  const wanted = JSON.parse(readFileSync(join(root, "node_modules/sst/package.json"), "utf8")) as { version: string };
  const needed = [
    "platform/version",
    "platform/config.d.ts",
    "platform/node_modules/@pulumi/aws",
    "provider-lock.json",
  ];
  if (!needed.every((name) => existsSync(join(root, ".sst", name)))) return false;
  return readFileSync(join(platform, "version"), "utf8").trim() === wanted.version;
}
