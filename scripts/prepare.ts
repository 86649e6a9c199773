import { execFileSync, spawn, type ExecFileSyncOptions } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { findRuntimeClient } from "../test/lambda/ric.ts";
import { buildConsole } from "./console.ts";

/**
 * What the tests need beyond npm packages: Debian's Redis and Chromium, installed here if they are missing, the built console,
 * and Lambda's runtime client. Its native code takes minutes, most of them on one core: the other checks the source meanwhile.
 */
const wanted = [
  { program: "/usr/bin/redis-server", name: "redis-server", why: "the stores are tested on a genuine Redis" },
  { program: "/usr/bin/chromium", name: "chromium", why: "the console is tested in a real browser" },
];
const missing = wanted.filter(({ program }) => !existsSync(program));
for (const { name, why } of missing) console.error(`Installing the Debian package ${name}: ${why}.`);
if (missing.length > 0) {
  try {
    const options: ExecFileSyncOptions = {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    };
    execFileSync("apt-get", ["update"], options);
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", ...missing.map(({ name }) => name)], options);
  } catch (error) {
    const names = missing.map(({ name }) => name).join(" and ");
    console.error(
      `Could not install ${names}: on Debian as root this works by itself, elsewhere install them by hand.`,
      error,
    );
    process.exit(1);
  }
}
await buildConsole();
const check = spawn("npm", ["run", "check"], { stdio: "inherit" });
const checked = once(check, "close");
findRuntimeClient();
const [code] = (await checked) as [number | null];
process.exit(code ?? 1);
