import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Target } from "./load.ts";

export interface Load {
  /** Answers in all, and what share of a second they took together. */
  readonly count: number;
  readonly aSecond: number;
}

const run = promisify(execFile);

/**
 * Drives a server with `wrk`, which is not our own: `parallel` connections for some seconds. Rejects if any answer is not a 200,
 * since a refusal is quick and would flatter.
 */
export async function drive(target: Target, parallel: number, seconds: number): Promise<Load> {
  const directory = mkdtempSync(join(tmpdir(), "relay-wrk-"));
  const bodyFile = join(directory, "body");
  const script = join(directory, "request.lua");
  writeFileSync(bodyFile, target.body);
  const headers = Object.entries(target.headers).map(([name, value]) => `wrk.headers["${name}"] = "${value}"`);
  const body = `local file = io.open("${bodyFile}", "rb")\nwrk.body = file:read("*a")\nfile:close()`;
  writeFileSync(script, ['wrk.method = "POST"', ...headers, body].join("\n"));
  try {
    const args = ["-t1", `-c${parallel}`, `-d${seconds}s`, "--timeout", "30s", "-s", script, target.url];
    const { stdout } = await run("wrk", args);
    const failed = /Non-2xx or 3xx responses: \d+|Socket errors: .*/.exec(stdout)?.[0];
    if (failed) throw new Error(`wrk on ${target.url}: ${failed}`);
    const read = (form: RegExp) => Number(form.exec(stdout)?.[1]);
    return { count: read(/(\d+) requests in/), aSecond: read(/Requests\/sec:\s+([\d.]+)/) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
