import { pathToFileURL } from "node:url";
import { listCalls } from "../infra/cron.ts";
import { listSchedules, putSchedule, removeSchedule, type QStash } from "../infra/qstash.ts";

/**
 * `npm run schedules`: what `sst deploy` does for AWS, for a relay that runs elsewhere, such as on Render. Puts the schedules
 * of the relay at PUBLIC_URL and removes those of its own that are no longer wanted; run it as often as you like.
 * `--keep-alive=10` also asks /health every ten minutes, for hosts that put an idle service to sleep; `--remove` removes all.
 */
export interface Wanted {
  readonly publicUrl: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly keepAlive?: number | undefined;
  readonly isRemoval?: boolean | undefined;
}

/** What was done, a line each. Throws what QStash says; what was done until then stands, and the next run goes on. */
export async function syncSchedules(wanted: Wanted, qstash: QStash): Promise<string[]> {
  const { publicUrl, environment, keepAlive, isRemoval = false } = wanted;
  const prefix = `claude-relay-${new URL(publicUrl).host.replaceAll(/[^a-z0-9]+/gi, "-")}-`;
  const calls = isRemoval ? [] : listCalls(environment, keepAlive);
  const lines: string[] = [];
  for (const { job, path, method, cron, retries } of calls) {
    const destination = publicUrl.replace(/\/+$/, "") + path;
    await putSchedule({ scheduleId: prefix + job, destination, method, cron, retries }, qstash);
    lines.push(`put     ${prefix}${job}: ${method} ${destination}, ${cron} UTC`);
  }
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

async function main(environment: NodeJS.ProcessEnv, given: readonly string[]): Promise<void> {
  const { QSTASH_TOKEN: token, PUBLIC_URL: publicUrl, QSTASH_URL: url } = environment;
  const minutes = given.find((one) => one.startsWith("--keep-alive="))?.split("=")[1];
  const keepAlive = minutes === undefined ? undefined : Number(minutes);
  const problems = [
    token ? "" : "QSTASH_TOKEN is missing; copy it from the QStash page of the Upstash console",
    publicUrl && URL.canParse(publicUrl) ? "" : "PUBLIC_URL is missing or no URL; QStash calls the relay there",
    keepAlive === undefined || keepAlive >= 1 ? "" : "--keep-alive needs a number of minutes, such as --keep-alive=10",
  ].filter((problem) => problem !== "");
  if (!token || !publicUrl || problems.length > 0) {
    console.error(problems.join("\n"));
    process.exitCode = 78;
    return;
  }
  const wanted = { publicUrl, environment, keepAlive, isRemoval: given.includes("--remove") };
  const lines = await syncSchedules(wanted, { url: url || "https://qstash.upstash.io", token });
  console.log(lines.join("\n"));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  await main(process.env, process.argv.slice(2));
