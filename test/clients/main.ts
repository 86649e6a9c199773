import type { Client } from "./check.ts";
import { aiSdk, aiSdkParts } from "./ai-sdk.ts";
import { anthropicSdk } from "./anthropic-sdk.ts";
import { bridged } from "./bridged.ts";
import { claudeCode } from "./claude-code.ts";
import { codexCli } from "./codex.ts";
import { tryDemo } from "./demo.ts";
import { fetchPackage } from "./fetch.ts";
import { geminiCli } from "./gemini-cli.ts";
import { genaiSdk } from "./genai-sdk.ts";
import { openaiSdk } from "./openai-sdk.ts";
import { startStage, type Stage } from "./stage.ts";

/**
 * `npm run test:clients [part of a client's or a check's name]`: the genuine clients, in pinned versions, against the relay
 * over the embedded store and over Redis. One line a check, and `N passed, N failed` at the end.
 */
const clients: readonly Client[] = [
  ...claudeCode,
  ...anthropicSdk,
  ...codexCli,
  ...openaiSdk,
  ...geminiCli,
  ...genaiSdk,
  ...bridged,
  ...aiSdk,
];
const wanted = process.argv[2] ?? "";
const counts = { passed: 0, failed: 0 };

if ("demo: what it prints works".includes(wanted))
  await attempt("demo: what it prints works", () => tryDemo("2.1.332"));
if (wanted === "") await fetchAll();
// The stores side by side: most of a check is a client's start, and its waits.
await Promise.all((["embedded", "redis"] as const).map(tryStore));
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);

/** On a machine that has none of them yet this takes a minute or two; what cannot be had fails its own checks. */
async function fetchAll(): Promise<void> {
  const left = [...clients, ...aiSdkParts];
  const work = async () => {
    for (let next = left.shift(); next; next = left.shift()) await fetchPackage(next).catch(() => undefined);
  };
  await Promise.all([work(), work(), work()]);
}

async function tryStore(store: Stage["store"]): Promise<void> {
  const stage = await startStage(store);
  for (const client of clients) await tryClient(client, stage);
  await stage.stop();
}

async function tryClient(client: Client, stage: Stage): Promise<void> {
  const title = `${client.name} ${client.version}, ${stage.store} store`;
  const checks = client.checks.filter(({ name }) => `${title}: ${name}`.includes(wanted));
  if (checks.length === 0) return;
  try {
    await fetchPackage(client);
  } catch (error) {
    for (const { name } of checks) tell(`${title}: ${name}`, 0, error);
    return;
  }
  for (const { name, directives, openaiLanguage, run } of checks) {
    const isGood = await attempt(`${title}: ${name}`, async () =>
      run(await stage.seat(directives, openaiLanguage), stage),
    );
    if (!isGood) stage.complaints.slice(-3).forEach((line) => process.stdout.write(`    ${line}`));
  }
}

async function attempt(what: string, work: () => Promise<void>): Promise<boolean> {
  const startedAt = performance.now();
  const error = await within(90_000, work).then(
    () => undefined,
    (thrown: unknown) => thrown ?? new Error("rejected with nothing"),
  );
  tell(what, performance.now() - startedAt, error);
  return error === undefined;
}

function tell(what: string, ms: number, error: unknown): void {
  counts[error === undefined ? "passed" : "failed"] += 1;
  console.log(`${error === undefined ? "ok    " : "FAILED"} ${what} (${(ms / 1000).toFixed(1)} s)`);
  if (error !== undefined) {
    const text = error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error);
    console.log(text.replace(/^/gm, "    "));
  }
}

async function within(milliseconds: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${milliseconds / 1000} s`)), milliseconds);
  });
  await Promise.race([work(), late]).finally(() => clearTimeout(timer));
}
