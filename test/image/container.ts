import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

export interface Container {
  readonly url: string;
  /** Milliseconds from the start of the process in the container to the first healthy answer. */
  readonly startMs: number;
  output(): string;
  /** Of the relay's process, as the kernel counts it. */
  rssMb(): number;
  userId(): number;
  /** Sends a signal to the relay's process, as an engine does on stop. */
  signal(name: NodeJS.Signals): void;
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>;
}

const port = 18_080;

/** Runs the image's own command in a working container that buildah made, and waits until it is healthy. */
export async function runContainer(
  name: string,
  { command, data, environment }: { command: readonly string[]; data: string; environment: NodeJS.ProcessEnv },
): Promise<Container> {
  const settings = ["--env", `PORT=${port}`, "--env", "HOST=127.0.0.1", "--volume", `${data}:/data`];
  const child = spawn("buildah", ["run", ...settings, name, "--", ...command], {
    ...{ env: environment, stdio: ["ignore", "pipe", "pipe"], detached: true },
  });
  const kill = () => killGroup(child);
  process.once("exit", kill);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (bytes: Buffer) => (output += bytes.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  void ended.then(() => process.off("exit", kill));
  const fail = () => new Error(`the container did not become healthy: ${output}`);
  const deadline = Date.now() + 60_000;
  let pid: number | undefined;
  while ((pid = findProcess(child.pid)) === undefined) {
    if (child.exitCode !== null || Date.now() > deadline) throw fail();
    await pause(2);
  }
  const startedAt = performance.now();
  const url = `http://127.0.0.1:${port}`;
  while (!(await isHealthy(url))) {
    if (child.exitCode !== null || Date.now() > deadline) throw fail();
    await pause(5);
  }
  const found = pid;
  return {
    ...{ url, ended, startMs: performance.now() - startedAt, output: () => output },
    rssMb: () => Number(statusOf(found, "VmRSS")) / 1024,
    userId: () => Number(statusOf(found, "Uid")),
    signal: (signal) => void process.kill(found, signal),
  };
}

async function isHealthy(url: string): Promise<boolean> {
  return fetch(`${url}/health`).then(
    ({ ok }) => ok,
    () => false,
  );
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  process.kill(-child.pid, "SIGKILL");
}

/** With chroot isolation the container's processes are descendants like any other. */
function findProcess(ancestor: number | undefined): number | undefined {
  if (ancestor === undefined) return undefined;
  for (const pid of childrenOf(ancestor)) {
    const words = readIfThere(`/proc/${pid}/cmdline`).split("\0");
    if (words[0]?.endsWith("node") && words.some((word) => word.endsWith("main.mjs"))) return pid;
    const deeper = findProcess(pid);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

/** Children belong to the thread that started them, and any may have. */
function childrenOf(pid: number): number[] {
  const threads = existsSync(`/proc/${pid}/task`) ? readdirSync(`/proc/${pid}/task`) : [];
  const words = threads.flatMap((thread) => readIfThere(`/proc/${pid}/task/${thread}/children`).trim().split(" "));
  return words.filter((word) => word !== "").map(Number);
}

function readIfThere(file: string): string {
  try {
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  } catch (error) {
    // The process ended between the two looks.
    void error;
    return "";
  }
}

function statusOf(pid: number, field: string): string {
  return new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";
}
