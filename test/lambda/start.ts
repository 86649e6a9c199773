import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { startFunctionUrl } from "./function-url.ts";
import { findRuntimeClient } from "./ric.ts";
import { startRuntimeApi } from "./runtime-api.ts";

export interface LambdaOptions {
  /** Holds the built `bundle.mjs`, as scripts/build.ts makes it. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The function's configured time; 30 s. */
  readonly timeoutMs?: number;
  /** Execution environments at most, each for one invocation at a time; 1. The first is started at once if it is the only one. */
  readonly most?: number;
  /** See function-url.ts. */
  readonly breaksWithClient?: boolean;
  /** Where its log goes, if several functions share one. */
  readonly log?: string[];
}

export interface RunningLambda {
  /** Of the Function URL. */
  readonly url: string;
  /** What the function has written to its log, in the order it came. */
  readonly log: readonly string[];
  /** Processor time that its processes have used so far, all threads: what a busy machine does not change much. */
  cpuMs(): number;
  stop(): Promise<void>;
}

/** As long as AWS would not start another environment for: one that has just answered comes back for more. */
const patienceMs = 100;

/** Runs a built function under the genuine runtime client, behind an emulated Runtime API and Function URL. */
export async function startLambda(options: LambdaOptions): Promise<RunningLambda> {
  const { timeoutMs = 30_000, most = 1, log = [] } = options;
  const client = findRuntimeClient();
  const children: ChildProcess[] = [];
  const grow = () => {
    const child = startEnvironment(client, api.address, options);
    child.stdout?.on("data", (data: Buffer) => log.push(data.toString()));
    child.stderr?.on("data", (data: Buffer) => log.push(data.toString()));
    children.push(child);
  };
  const growIfBusy = () => {
    if (children.length === 0) grow();
    else if (most > 1) setTimeout(() => api.waiting() > 0 && children.length < most && grow(), patienceMs);
  };
  const api = await startRuntimeApi(timeoutMs, growIfBusy);
  const front = await startFunctionUrl(api, options.breaksWithClient);
  if (most === 1) grow();
  return {
    url: front.url,
    log,
    cpuMs: () => children.reduce((sum, { pid }) => sum + (pid === undefined ? 0 : cpuMsOf(pid)), 0),
    stop: async () => {
      await Promise.all(children.map(end));
      front.close();
      api.close();
    },
  };
}

/** Nanoseconds on a processor stand first in a thread's schedstat (kernel documentation, sched-stats). */
function cpuMsOf(pid: number): number {
  const threads = `/proc/${pid}/task`;
  const nanosOf = (thread: string) => {
    try {
      return Number(readFileSync(`${threads}/${thread}/schedstat`, "utf8").split(" ")[0]);
    } catch {
      // It has ended since it was listed.
      return 0;
    }
  };
  return readdirSync(threads).reduce((sum, thread) => sum + nanosOf(thread), 0) / 1e6;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

function startEnvironment(client: string, address: string, { directory, environment }: LambdaOptions): ChildProcess {
  return spawn(process.execPath, [client], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      AWS_LAMBDA_RUNTIME_API: address,
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
}
