import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../", import.meta.url));
const built = join(root, "dist/web/index.html");
/** Test files run side by side, and one of them builds while the others wait. */
const lock = join(root, "dist/.building-web");
const longestMs = 180_000;

/** Builds the console unless what is built is newer than every source of it. */
export async function buildConsole(): Promise<void> {
  mkdirSync(join(root, "dist"), { recursive: true });
  while (!isBuilt()) {
    if (!take()) {
      await sleep(200);
      continue;
    }
    try {
      // In a process of its own: under vitest NODE_ENV is "test", and libraries would bring their development builds.
      const vite = [join(root, "node_modules/vite/bin/vite.js"), "build", "--config", join(root, "web/vite.config.ts")];
      await promisify(execFile)(process.execPath, vite, { env: { PATH: process.env.PATH, NODE_ENV: "production" } });
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
}

function isBuilt(): boolean {
  return !existsSync(lock) && existsSync(built) && statSync(built).mtimeMs > newest(join(root, "web"));
}

/** Whether the lock is ours now. One that is older than any build was left by a process that died. */
function take(): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const takenAt = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - takenAt > longestMs) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function newest(directory: string): number {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}
