import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * `npm run bench:clone`: from `git clone` to the first byte of a streamed answer, with the commands of the README and the
 * `curl` line that the demo prints. The clone is of this repository's last commit, from this disk.
 */
const goalSeconds = 180;
const repository = fileURLToPath(new URL("..", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "relay-clone-"));
const directory = join(scratch, "claude-relay");
// What `npm run` has set for this run must not reach the one that is measured.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_(?!config_registry)|^NODE$|^INIT_CWD$/.test(name)),
);
const path = (process.env.PATH ?? "").split(":").filter((entry) => !entry.includes("node_modules"));
const env = { ...environment, PATH: path.join(":"), PORT: "0" };
const steps: [string, number][] = [];

function run(what: string, program: string, args: readonly string[], cwd: string): void {
  const startedAt = performance.now();
  execFileSync(program, args, { cwd, env, stdio: ["ignore", "ignore", "inherit"] });
  steps.push([what, performance.now() - startedAt]);
}

/** Runs the demo until it prints its curl line, asks that, and ends the demo with all that it has started. */
async function answer(): Promise<void> {
  const startedAt = performance.now();
  const demo = spawn("npm", ["run", "demo"], {
    cwd: directory,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const line = await new Promise<string>((resolve, reject) => {
      let printed = "";
      demo.once("close", (code) => reject(new Error(`The demo ended with ${code}:\n${printed}`)));
      demo.stdout.on("data", (chunk: Buffer) => {
        printed += chunk.toString();
        const found = /^curl .*$/m.exec(printed);
        if (found && printed.includes("Ctrl-C")) resolve(found[0]);
      });
    });
    steps.push(["npm run demo, until it is ready", performance.now() - startedAt]);
    const askedAt = performance.now();
    const curl = spawn("bash", ["-c", line], { env, stdio: ["ignore", "pipe", "inherit"] });
    const first = await new Promise<string>((resolve) =>
      curl.stdout.once("data", (chunk: Buffer) => resolve(String(chunk))),
    );
    steps.push(["the printed curl line, until its first byte", performance.now() - askedAt]);
    curl.kill();
    if (!first.startsWith("event: message_start")) throw new Error(`The answer began with ${first.slice(0, 200)}`);
  } finally {
    const ended = new Promise((resolve) => demo.once("close", resolve));
    if (demo.pid) process.kill(-demo.pid, "SIGTERM");
    await ended;
  }
}

try {
  run("git clone", "git", ["clone", "--quiet", repository, directory], scratch);
  run("npm install", "npm", ["install", "--no-audit", "--no-fund"], directory);
  await answer();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
const totalSeconds = steps.reduce((sum, [, ms]) => sum + ms, 0) / 1_000;
console.log("| step | seconds |\n| --- | --- |");
for (const [what, ms] of steps) console.log(`| ${what} | ${(ms / 1_000).toFixed(1)} |`);
console.log(`| all (goal ≤ ${goalSeconds}) | ${totalSeconds.toFixed(1)} |`);
process.exit(totalSeconds <= goalSeconds ? 0 : 1);
