import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Terminal } from "./command.ts";

/** The person in front of it; questions go to stderr, so that stdout is the report alone. */
export const terminal: Terminal = {
  environment: process.env,
  say: (line) => void process.stdout.write(`${line}\n`),
  askSecret: (question) => ask(question, false),
  async isYes(question) {
    return /^y(es)?$/i.test((await ask(`${question} [y/N] `, true)) ?? "");
  },
};

async function ask(question: string, isShown: boolean): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  process.stderr.write(question);
  // What readline would echo goes nowhere; the terminal itself is in raw mode meanwhile and shows nothing.
  const output = isShown ? process.stderr : new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await reader.question("");
  } finally {
    reader.close();
    if (!isShown) process.stderr.write("\n");
  }
}
