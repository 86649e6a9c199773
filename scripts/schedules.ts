import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { ConfigError, type Environment } from "../functions/config.ts";
import { isQStashError, listSchedules, removeSchedule, type QStash } from "../functions/operations/jobs/qstash.ts";
import { listCalls, putSchedules, schedulePrefix } from "../functions/operations/jobs/schedules.ts";

/**
 * `npm run schedules`: what a relay with a QSTASH_TOKEN does by itself at its start, by hand: puts the schedules of the relay
 * at PUBLIC_URL, and also removes those of its own that are no longer wanted; run it as often as you like.
 * `--keep-alive=10` also asks /health every ten minutes, for hosts that put an idle service to sleep; `--remove` removes all.
 */
export interface Wanted {
  readonly publicUrl: string;
  readonly environment: Environment;
  readonly keepAlive?: number | undefined;
  readonly isRemoval?: boolean | undefined;
}

/** What was done, a line each. Throws what QStash says; what was done until then stands, and the next run goes on. */
export async function syncSchedules(wanted: Wanted, qstash: QStash): Promise<string[]> {
  const { publicUrl, environment, keepAlive, isRemoval = false } = wanted;
  const awake = keepAlive === undefined ? {} : { KEEP_ALIVE_MINUTES: String(keepAlive) };
  const calls = isRemoval ? [] : listCalls({ ...environment, ...awake });
  const prefix = schedulePrefix(publicUrl);
  const lines = await putSchedules(publicUrl, calls, qstash);
  const kept = new Set(calls.map(({ job }) => prefix + job));
  for (const { scheduleId } of await listSchedules(qstash)) {
    // A job's name has no hyphen: what has one belongs to a relay whose name only begins like this one's.
    const isOurs = scheduleId.startsWith(prefix) && !scheduleId.slice(prefix.length).includes("-");
    if (!isOurs || kept.has(scheduleId)) continue;
    await removeSchedule(scheduleId, qstash);
    lines.push(`removed ${scheduleId}`);
  }
  return lines;
}

const options = { "keep-alive": { type: "string" }, remove: { type: "boolean" } } as const;

/** The exit status: 0, 1 for what QStash refused, 2 for a wrong command line, 78 for a wrong environment. */
export async function runSchedules(
  args: readonly string[],
  environment: Environment,
  say: (line: string) => void,
): Promise<number> {
  const { QSTASH_TOKEN: token, PUBLIC_URL: publicUrl, QSTASH_URL: url } = environment;
  try {
    const { values } = parseArgs({ args: [...args], options, allowPositionals: false });
    const problems = [
      token ? "" : "QSTASH_TOKEN is missing; copy it from the QStash page of the Upstash console",
      publicUrl && URL.canParse(publicUrl) ? "" : "PUBLIC_URL is missing or no URL; QStash calls the relay there",
    ].filter((problem) => problem !== "");
    if (!token || !publicUrl || problems.length > 0) throw new ConfigError(problems);
    const minutes = values["keep-alive"];
    if (minutes !== undefined && !(Number(minutes) >= 1 && Number(minutes) <= 1440)) {
      say(`--keep-alive needs a number of minutes from 1 to 1440, such as --keep-alive=10 (it is "${minutes}")`);
      return 2;
    }
    const keepAlive = minutes === undefined ? undefined : Number(minutes);
    const wanted = { publicUrl, environment, keepAlive, isRemoval: values.remove };
    const lines = await syncSchedules(wanted, { url: url || "https://qstash.upstash.io", token });
    lines.forEach(say);
    return 0;
  } catch (error) {
    if (error instanceof ConfigError) error.problems.forEach(say);
    else if (error instanceof Error && "code" in error) say(error.message);
    else throw error;
    if (error instanceof ConfigError) return ConfigError.exitCode;
    return isQStashError(error) ? 1 : 2;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  process.exitCode = await runSchedules(process.argv.slice(2), process.env, (line) => console.log(line));
