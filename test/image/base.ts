import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { shell } from "./shell.ts";

/** What the Dockerfile is built on, put together from Debian's packages where there is no image registry and no engine. */
export const baseName = "docker.io/library/node:24-bookworm-slim";

/**
 * An image under the name of the real base: Debian bookworm, this project's Node 24 with npm, and the user `node` with
 * id 1000. Made once and kept in `directory`.
 */
export async function buildBase(directory: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const known = await shell("buildah", ["images", "--format", "{{.Name}}:{{.Tag}}"], { env: environment });
  if (known.split("\n").includes(baseName)) return;
  const rootfs = join(directory, "rootfs");
  rmSync(rootfs, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const flags = ["--variant=minbase", "--include=libstdc++6,ca-certificates", "bookworm", rootfs, debianMirror()];
  await shell("debootstrap", flags);
  cpSync(realpathSync(process.execPath), join(rootfs, "usr/local/bin/node"));
  const npm = dirname(dirname(realpathSync((await shell("which", ["npm"])).trim())));
  cpSync(npm, join(rootfs, "usr/local/lib/node_modules/npm"), { recursive: true, dereference: true });
  symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(rootfs, "usr/local/bin/npm"));
  await shell("chroot", [rootfs, "useradd", "--create-home", "--uid", "1000", "node"]);
  const recipe = join(directory, "base.Dockerfile");
  writeFileSync(recipe, "FROM scratch\nCOPY rootfs/ /\n");
  await shell("buildah", ["bud", "--pull-never", "-f", recipe, "-t", baseName, directory], { env: environment });
  rmSync(rootfs, { recursive: true, force: true });
}

/** The mirror that this machine itself installs from; its list may name others that are not Debian's. */
function debianMirror(): string {
  const file = "/etc/apt/sources.list.d/debian.sources";
  const text = existsSync(file) ? readFileSync(file, "utf8") : readFileSync("/etc/apt/sources.list", "utf8");
  const found = /https?:\/\/\S+\/debian\/?(?=\s)/.exec(text)?.[0];
  if (found === undefined) throw new Error("no Debian mirror in this machine's package sources");
  return found;
}
