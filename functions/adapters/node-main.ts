import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import packageFile from "../../package.json" with { type: "json" };
import { ConfigError, parseConfig } from "../config.ts";
import { listJobs } from "../cron/jobs.ts";
import { buildLog, type Log } from "../log.ts";
import { greet } from "./greeting.ts";
import { startServer, type RunningServer } from "./node.ts";
import { bufferOutput } from "./output.ts";
import { completeSecrets } from "./secrets.ts";

/** The process: settings in, a server that runs until a signal, an exit code. */
const output = bufferOutput(process.stdout);

async function main(): Promise<void> {
  const secrets = completeSecrets(process.env);
  const config = parseConfig(secrets.environment);
  const log = buildLog(config.LOG_LEVEL, output.write, Date.now);
  surviveErrors(log);
  const consoleDirectory = findConsole();
  // Where QStash calls the cron endpoints, nobody else does.
  const jobs = config.QSTASH_TOKEN ? [] : listJobs(config);
  const server = await startServer({
    config,
    write: output.write,
    jobs,
    ...(consoleDirectory ? { consoleDirectory } : {}),
  });
  output.write(greet(packageFile.version, server.url, config, secrets));
  stopOnSignal(server, log);
}

/** Beside the bundle in the image (dist/server, dist/web), or where Vite puts it when the sources run. */
function findConsole(): string | undefined {
  return ["../web/", "../../web/dist/", "../../dist/web/"]
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((directory) => existsSync(`${directory}index.html`));
}

function stopOnSignal(server: RunningServer, log: Log): void {
  const stop = (signal: string) => {
    log("info", "draining", { signal });
    server.close().then(
      () => leave(0),
      (error: unknown) => {
        log("error", "drain failed", { error });
        leave(1);
      },
    );
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
}

/** One request's mistake must not end the streams of all others: it is told, and the process goes on. */
function surviveErrors(log: Log): void {
  process.on("uncaughtException", (error) => log("error", "uncaught exception", { error, stack: error.stack }));
  process.on("unhandledRejection", (error) => log("error", "unhandled rejection", { error }));
}

function leave(code: number): void {
  output.flush();
  process.exit(code);
}

/** Why it does not start, in words that say what to do. */
function explain(error: unknown): { lines: readonly string[]; code: number } {
  if (error instanceof ConfigError) return { lines: error.problems, code: ConfigError.exitCode };
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const port = process.env.PORT || "3000";
  if (code === "EADDRINUSE") {
    return {
      lines: [`Port ${port} is already in use: stop the other program, or set PORT to another number.`],
      code: 1,
    };
  }
  if (code === "EACCES") {
    return { lines: [`Port ${port} may not be opened by this user: set PORT to a number above 1023.`], code: 1 };
  }
  return { lines: [error instanceof Error ? error.message : String(error)], code: 1 };
}

main().catch((error: unknown) => {
  const { lines, code } = explain(error);
  process.stderr.write(`${lines.join("\n")}\n`);
  leave(code);
});
