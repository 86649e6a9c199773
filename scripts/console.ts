import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Builds the console into dist/web unless what stands there is newer than its sources. */
export async function buildConsole(): Promise<void> {
  const built = join(root, "dist/web/index.html");
  if (existsSync(built) && statSync(built).mtimeMs > newest(join(root, "web"))) return;
  console.error("Building the console …");
  const { build } = await import("vite");
  await build({ configFile: join(root, "web/vite.config.ts"), logLevel: "warn" });
}

function newest(directory: string): number {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(0, ...files.map((file) => statSync(join(file.parentPath, file.name)).mtimeMs));
}
