import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

const version = "4.0.2";
const cache = join(import.meta.dirname, "../../node_modules/.cache");
const directory = join(cache, `aws-lambda-ric-${version}`);
const entry = join(directory, "node_modules/aws-lambda-ric/index.mjs");
const tools = { cmake: "cmake", make: "make", "g++": "g++" };

/**
 * The path of the genuine AWS Lambda runtime interface client. It builds native code when it is installed, a minute or two,
 * so it is no dependency of the project: it is fetched on first need into a cache that survives, and used again.
 */
export function findRuntimeClient(): string {
  if (existsSync(entry)) return entry;
  installTools();
  console.log(`installing aws-lambda-ric ${version}, the genuine Lambda runtime client (once, one or two minutes)`);
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, "aws-lambda-ric-draft-"));
  try {
    const flags = ["--no-audit", "--no-fund", "--prefix", draft, `aws-lambda-ric@${version}`];
    execFileSync("npm", ["install", ...flags], { cwd: draft, stdio: "pipe", env: npmEnvironment() });
    moveIntoPlace(draft);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return entry;
}

/** Two runs may build at once; the second finds the place taken and uses what is there. */
function moveIntoPlace(draft: string): void {
  try {
    renameSync(draft, directory);
  } catch (error) {
    if (!existsSync(entry)) throw error;
  }
}

/** Without what an outer `npm` has set for its own project; `make` may use every core, and `configure` the quicker shell. */
function npmEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_(?!config_(cache|registry))/i.test(name));
  return { ...Object.fromEntries(inherited), MAKEFLAGS: `-j${availableParallelism()}`, CONFIG_SHELL: "/bin/sh" };
}

function installTools(): void {
  const missing = Object.entries(tools).filter(([command]) => spawnSync("which", [command]).status !== 0);
  if (missing.length === 0) return;
  const packages = missing.map(([, name]) => name);
  console.log(`installing ${packages.join(", ")}, which the Lambda runtime client is built with`);
  try {
    execFileSync("apt-get", ["update"], { stdio: "pipe" });
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", ...packages], { stdio: "pipe" });
  } catch (error) {
    throw new Error(
      `Install ${packages.join(", ")} (as root: apt-get install ${packages.join(" ")}), then run this again.`,
      {
        cause: error,
      },
    );
  }
}
