import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("../../", import.meta.url));
const built = join(root, "dist/web/index.html");

/** Builds the console unless what is built is newer than every source of it. */
export async function buildConsole(): Promise<void> {
  if (existsSync(built) && statSync(built).mtimeMs > newest(join(root, "web"))) return;
  await build({ configFile: join(root, "web/vite.config.ts"), logLevel: "warn" });
}

function newest(directory: string): number {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}
