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
  /** The most that it ever was. */
  peakMb(): number;
  userId(): number;
  /** Sends a signal to the relay's process, as an engine does on stop. */
  signal(name: NodeJS.Signals): void;
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>;
}

const port = 18_080;

/** Runs the image's own command in a working container that buildah made, and waits until it is healthy. */
export function runContainer(
  name: string,
  { command, data, environment }: { command: readonly string[]; data: string; environment: NodeJS.ProcessEnv },
): Promise<Container> {
  const settings = ["--env", `PORT=${port}`, "--env", "HOST=127.0.0.1", "--volume", `${data}:/data`];
  return watch(["buildah", "run", ...settings, name, "--", ...command], environment);
}

/** Its files cannot be written to, but for an empty /data in memory, as compose.yaml has it. `$1` is where they are. */
const readOnly = `
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount --bind /dev "$1/dev"
mount -t tmpfs -o mode=0700,uid=1000,gid=1000 tmpfs "$1/data"
mount -o remount,bind,ro "$1"
if touch "$1/written" 2>/dev/null; then echo "the root can be written to" >&2; exit 1; fi
exec chroot --userspec=1000:1000 "$@"
`;

/** The same from the files of a mounted container whose root is read-only. `settings` is the image's ENV. */
export function runReadOnly(
  files: string,
  { command, settings }: { command: readonly string[]; settings: readonly string[] },
): Promise<Container> {
  const environment = [...settings, `PORT=${port}`, "HOST=127.0.0.1"];
  const inside = ["env", "-i", "-C", "/app", ...environment, ...command];
  return watch(["unshare", "--mount", "sh", "-ec", readOnly, "sh", files, ...inside], process.env);
}

async function watch([program = "", ...args]: readonly string[], environment: NodeJS.ProcessEnv): Promise<Container> {
  const child = spawn(program, args, { env: environment, stdio: ["ignore", "pipe", "pipe"], detached: true });
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
    peakMb: () => Number(statusOf(found, "VmHWM")) / 1024,
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

/** With chroot isolation the container's processes are descendants like any other, or the program became the relay itself. */
function findProcess(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  const words = readIfThere(`/proc/${pid}/cmdline`).split("\0");
  if (words[0]?.endsWith("node") && words.some((word) => word.endsWith("main.mjs"))) return pid;
  for (const child of childrenOf(pid)) {
    const found = findProcess(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Children belong to the thread that started them, and any may have. */
function childrenOf(pid: number): number[] {
  const words = threadsOf(pid).flatMap((thread) =>
    readIfThere(`/proc/${pid}/task/${thread}/children`).trim().split(" "),
  );
  return words.filter((word) => word !== "").map(Number);
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch (error) {
    // It ended between the two looks; anything else is a fault.
    if (!["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return [];
  }
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
