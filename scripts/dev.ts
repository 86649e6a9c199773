import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** `npm run dev`: the server restarts and the console rebuilds on every change. */
const root = fileURLToPath(new URL("..", import.meta.url));
const run = (args: readonly string[]) => spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
const children = [
  run(["node_modules/vite/bin/vite.js", "build", "--config", "web/vite.config.ts", "--watch", "--logLevel", "warn"]),
  run(["--watch-path=functions", "--watch-preserve-output", "functions/runtimes/node/main.ts"]),
];
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    for (const child of children) child.kill(signal);
  });
}
