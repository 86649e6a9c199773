import { execFile, type ExecFileOptions } from "node:child_process";

/** Runs a program to its end, ten minutes at most, and gives what it wrote. Rejects with the end of what it said. */
export function shell(program: string, args: readonly string[], options: ExecFileOptions = {}): Promise<string> {
  const all = { timeout: 600_000, killSignal: "SIGKILL" as const, maxBuffer: 64 * 1024 * 1024, ...options };
  return new Promise((resolve, reject) => {
    execFile(program, [...args], { ...all, encoding: "utf8" }, (error, out, err) => {
      if (!error) resolve(out);
      else
        reject(
          new Error(`${program} ${args[0] ?? ""} failed: ${`${out}\n${err}`.trim().slice(-3_000) || error.message}`),
        );
    });
  });
}
