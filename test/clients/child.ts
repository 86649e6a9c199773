import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  readonly timeoutMs?: number;
}

export interface Finished {
  /** Null if it was killed. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly isLate: boolean;
}

const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach(killGroup));

/** Starts a program in a process group of its own, with nothing of this process' environment but the path. */
export function start({ program, args, environment = {}, directory }: Command): ChildProcess {
  const env = { PATH: process.env.PATH, LANG: "C.UTF-8", ...environment };
  const child = spawn(program, args, { cwd: directory, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

/** Ends a program and all that it started. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    // Nobody of the group is left.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Runs a program to its end, or kills it with all that it started after `timeoutMs` (60,000). Rejects if it cannot be started. */
export async function run(command: Command): Promise<Finished> {
  const child = start(command);
  let [out, err, isLate] = ["", "", false];
  child.stdout?.on("data", (data: Buffer) => (out += data.toString()));
  child.stderr?.on("data", (data: Buffer) => (err += data.toString()));
  const timer = setTimeout(() => {
    isLate = true;
    killGroup(child);
  }, command.timeoutMs ?? 60_000);
  try {
    const [code] = (await once(child, "close")) as [number | null];
    return { code, out, err, isLate };
  } finally {
    clearTimeout(timer);
    killGroup(child);
  }
}

/** Runs a program that must succeed. Rejects with the end of what it said. */
export async function mustRun(command: Command): Promise<string> {
  const { code, out, err, isLate } = await run(command);
  if (code === 0) return out;
  const why = isLate ? "did not end in time" : `ended with ${code}`;
  throw new Error(`${command.program} ${why}: ${`${out}\n${err}`.trim().slice(-1_500)}`);
}
