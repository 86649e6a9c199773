import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { killGroup, mustRun, start } from "./child.ts";
import { fetchProgram } from "./fetch.ts";

const demo = fileURLToPath(new URL("../../scripts/demo.ts", import.meta.url));

/** Starts the demo as its users do, and does what it prints, in a shell and to the letter. */
export async function tryDemo(claudeVersion: string): Promise<void> {
  const temporary = mkdtempSync(join(tmpdir(), "relay-demo-test-"));
  const child = start({ program: process.execPath, args: [demo], environment: { TMPDIR: temporary, PORT: "0" } });
  try {
    const printed = await readUntil(child, "Ctrl-C ends the demo");
    const curl = lineOf(printed, /^curl .*$/m);
    const answer = await mustRun({ program: "bash", args: ["-c", curl], timeoutMs: 20_000 });
    assert.match(answer, /^event: message_start$/m);
    assert.match(answer, /^event: message_stop$/m);
    assert.ok((answer.match(/^event: content_block_delta$/gm)?.length ?? 0) > 1, "the answer was not streamed");
    await claude(printed, temporary, claudeVersion);
    await signIn(printed);
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGINT");
    assert.equal(await ended, 0);
    const left = readdirSync(temporary).filter((name) => name.startsWith("claude-relay-demo"));
    assert.deepEqual(left, [], "the demo left data behind");
  } finally {
    killGroup(child);
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function claude(printed: string, home: string, version: string): Promise<void> {
  const exports = [...printed.matchAll(/^export .*$/gm)].map(([line]) => line);
  assert.equal(exports.length, 2);
  const program = await fetchProgram({ name: "@anthropic-ai/claude-code", version }, "claude");
  const script = [...exports, `${program} -p "hello from the demo"`].join("\n");
  const environment = { HOME: home, DISABLE_AUTOUPDATER: "1", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" };
  const said = await mustRun({ program: "bash", args: ["-c", script], environment, directory: home });
  assert.match(said, /Simulated answer .* hello from the demo/);
}

async function signIn(printed: string): Promise<void> {
  const page = lineOf(printed, /Console +(\S+)/);
  assert.equal((await fetch(page)).status, 200);
  const [username, password] = [lineOf(printed, /Name +(\S+)/), lineOf(printed, /Password +(\S+)/)];
  const response = await fetch(page.replace(/\/web$/, "/admin/session"), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, password, bearer: true }),
  });
  assert.equal(response.status, 201, await response.text());
}

function lineOf(printed: string, pattern: RegExp): string {
  const found = pattern.exec(printed);
  assert.ok(found, `the demo printed no ${pattern.source}:\n${printed}`);
  return found[1] ?? found[0];
}

function readUntil(child: ReturnType<typeof start>, sign: string): Promise<string> {
  let said = "";
  return new Promise((resolve, reject) => {
    const see = (data: Buffer) => {
      said += data.toString();
      if (said.includes(sign)) resolve(said);
    };
    child.stdout?.on("data", see);
    child.stderr?.on("data", see);
    child.once("close", (code) => reject(new Error(`the demo ended with ${code}: ${said}`)));
  });
}
