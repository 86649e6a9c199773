import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import packageFile from "../../../package.json" with { type: "json" };
import { ConfigError, parseConfig, type Config, type Environment } from "../../config.ts";
import { listJobs } from "../../operations/jobs/jobs.ts";
import { listCalls, putSchedules } from "../../operations/jobs/schedules.ts";
import { buildLog, type Log } from "../../log.ts";
import { Failure } from "../../failure.ts";
import { tuneEngine } from "./v8-flags.ts";
import { prepareKeyFilter } from "../../core/accounts/key-filter.ts";
import { recentPool } from "../../core/accounts/pool.ts";
import { lookAtStore } from "./check-store.ts";
import { greet } from "./start-banner.ts";
import { startServer, type RunningServer } from "./node.ts";
import { bufferOutput } from "./output.ts";
import { completeSecrets } from "./secrets.ts";
import { openSpillFile } from "./spill-file.ts";
import { openTelemetry } from "../telemetry/telemetry.ts";

/** The process: settings in, a server that runs until a signal, an exit code. */
const output = bufferOutput(process.stdout);

async function main(): Promise<void> {
  tuneEngine();
  const secrets = completeSecrets(process.env);
  const config = parseConfig(secrets.environment);
  const log = buildLog(config.LOG_LEVEL, output.write, Date.now);
  surviveErrors(log);
  const consoleDirectory = findConsole();
  const server = await startServer({
    config,
    write: output.write,
    spillFile: openSpillFile(config.DATA_DIR),
    jobs: listJobs(config),
    telemetry: await openTelemetry(secrets.environment, log),
    ...(consoleDirectory ? { consoleDirectory } : {}),
  });
  stopOnSignal(server, log);
  const isReached = await lookAtStore(server.env);
  if (isReached) server.env.after(recentPool(server.env).then((pool) => prepareKeyFilter(pool, server.env)));
  // What Render sets in every service, and what it calls a web service's address.
  const { RENDER, RENDER_EXTERNAL_URL: url = server.url } = process.env;
  const { version } = packageFile;
  output.write(greet({ version, url, config, secrets, isReached, isOnRender: RENDER === "true" }));
  await makeSchedules(config, secrets.environment, log);
}

/** The timer runs the maintenance until the first of these calls comes, so that nothing stands still if they cannot be made. */
async function makeSchedules(config: Config, environment: Environment, log: Log): Promise<void> {
  const { QSTASH_TOKEN: token, QSTASH_URL: url, PUBLIC_URL } = config;
  if (!token || !PUBLIC_URL) return;
  try {
    const schedules = await putSchedules(PUBLIC_URL, listCalls(environment), { url, token });
    log("info", "schedules put", { schedules });
  } catch (error) {
    log("warn", "schedules could not be put; the maintenance runs in this process", { error });
  }
}

/** Beside the bundle in the image (dist/server, dist/web), or where Vite puts it when the sources run. */
function findConsole(): string | undefined {
  return ["../web/", "../../../dist/web/"]
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

/** What the system says of a port or an address, in words that say what to do. */
const remedies: Readonly<Record<string, (port: string, host: string) => string>> = {
  EADDRINUSE: (port) => `Port ${port} is already in use: stop the other program, or set PORT to another number.`,
  EACCES: (port) => `Port ${port} may not be opened by this user: set PORT to a number above 1023.`,
  EADDRNOTAVAIL: (_port, host) =>
    `HOST ${host} is no address of this machine: set HOST=0.0.0.0 for all of its addresses.`,
  ENOTFOUND: (_port, host) => `HOST ${host} is no address of this machine: set HOST=0.0.0.0 for all of its addresses.`,
};

/** Why it does not start, a line for each problem. 78 says that the operator must mend it, and starting again does not. */
function explain(error: unknown): { lines: readonly string[]; code: number } {
  if (error instanceof ConfigError) return { lines: error.problems, code: ConfigError.exitCode };
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const remedy = remedies[code]?.(process.env.PORT || "3000", process.env.HOST || "0.0.0.0");
  if (remedy !== undefined) return { lines: [remedy], code: ConfigError.exitCode };
  // The store's file cannot be used; its message says why.
  if (error instanceof Failure) return { lines: [error.message], code: ConfigError.exitCode };
  return { lines: [error instanceof Error ? error.message : String(error)], code: 1 };
}

main().catch((error: unknown) => {
  const { lines, code } = explain(error);
  process.stderr.write(`${lines.join("\n")}\n`);
  leave(code);
});
