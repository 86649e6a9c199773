import { spawn } from "node:child_process";
import { startFunctionUrl } from "./function-url.ts";
import { findRuntimeClient } from "./ric.ts";
import { startRuntimeApi } from "./runtime-api.ts";

export interface LambdaOptions {
  /** Holds the built `bundle.mjs`, as scripts/build.ts makes it. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The function's configured time; 30 s. */
  readonly timeoutMs?: number;
}

export interface RunningLambda {
  /** Of the Function URL. */
  readonly url: string;
  /** What the function has written to its log, in the order it came. */
  readonly log: readonly string[];
  stop(): Promise<void>;
}

/** Runs a built function under the genuine runtime client, behind an emulated Runtime API and Function URL. */
export async function startLambda({
  directory,
  environment,
  timeoutMs = 30_000,
}: LambdaOptions): Promise<RunningLambda> {
  const client = findRuntimeClient();
  const api = await startRuntimeApi(timeoutMs);
  const front = await startFunctionUrl(api);
  const log: string[] = [];
  const child = spawn(process.execPath, [client], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      AWS_LAMBDA_RUNTIME_API: api.address,
      _HANDLER: "bundle.handler",
      LAMBDA_TASK_ROOT: directory,
      AWS_LAMBDA_FUNCTION_NAME: "emulated",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      AWS_LAMBDA_LOG_FORMAT: "JSON",
      // The client dies at the first event without these two.
      AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/emulated",
      AWS_LAMBDA_LOG_STREAM_NAME: "local",
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_REGION: "eu-central-1",
      ...environment,
    },
  });
  child.stdout.on("data", (data: Buffer) => log.push(data.toString()));
  child.stderr.on("data", (data: Buffer) => log.push(data.toString()));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    url: front.url,
    log,
    stop: async () => {
      child.kill("SIGKILL");
      await ended;
      front.close();
      api.close();
    },
  };
}
