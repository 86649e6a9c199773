import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { mustRun } from "./child.ts";

export interface Package {
  readonly name: string;
  readonly version: string;
}

const root = fileURLToPath(new URL("../../", import.meta.url));

const fetching = new Map<string, Promise<string>>();

/** The directory whose node_modules holds exactly this version: the project itself, or node_modules/.cache/clients. */
export function fetchPackage(wanted: Package): Promise<string> {
  const id = `${wanted.name}@${wanted.version}`;
  // A registry that fails once may answer the next time.
  const found = fetching.get(id) ?? install(wanted).catch(() => install(wanted));
  fetching.set(id, found);
  return found;
}

async function install({ name, version }: Package): Promise<string> {
  if (installedVersion(root, name) === version) return root;
  const directory = join(root, "node_modules/.cache/clients", `${name.replace("/", "+")}@${version}`);
  if (installedVersion(directory, name) === version) return directory;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  // Some clients fetch their program in an install script.
  const own = { private: true, allowScripts: { [name]: true } };
  writeFileSync(join(directory, "package.json"), `${JSON.stringify(own)}\n`);
  const args = ["install", "--prefix", directory, "--no-audit", "--no-fund", "--save-exact", `${name}@${version}`];
  // npm finds its registry, proxy and certificates in the environment.
  const environment = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== undefined));
  await mustRun({
    program: "npm",
    args,
    environment: environment as Record<string, string>,
    timeoutMs: 180_000,
  });
  return directory;
}

function installedVersion(directory: string, name: string): string | undefined {
  const file = join(directory, "node_modules", name, "package.json");
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** Loads a library as its users do, from where it was fetched. */
export async function load<T>(wanted: Package): Promise<T> {
  const directory = await fetchPackage(wanted);
  const path = createRequire(join(directory, "package.json")).resolve(wanted.name);
  return (await import(pathToFileURL(path).href)) as T;
}

/** The program that a package installs. */
export async function fetchProgram(wanted: Package, program: string): Promise<string> {
  return join(await fetchPackage(wanted), "node_modules/.bin", program);
}
