import { ConfigError, type Environment } from "../../config.ts";
import { putSchedule, type QStash } from "./qstash.ts";

/** The maintenance that QStash calls, as functions/operations/jobs/jobs.ts lists it for a process that has its own timer. */
export interface Call {
  readonly job: string;
  readonly path: string;
  readonly method: "GET" | "POST";
  /** UTC. */
  readonly cron: string;
  /** A monitor's call is not worth a second try. */
  readonly retries: number;
}

/** Minutes that a cron line can say evenly: divisors of an hour, and whole hours that divide a day. */
const even = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440];

/** The longest even interval that is not longer than wanted: `45` becomes every 30 minutes. Throws for what is no interval. */
export function cronOf(minutes: number): string {
  if (!(minutes >= 1)) throw new Error(`An interval must be a number of minutes, 1 or more (it is ${minutes}).`);
  const most = even.findLast((one) => one <= minutes) ?? 1;
  if (most === 1440) return "0 0 * * *";
  if (most < 60) return most === 1 ? "* * * * *" : `*/${most} * * * *`;
  return most === 60 ? "0 * * * *" : `0 */${most / 60} * * *`;
}

/**
 * At the default intervals 144 calls a day of 1,000 that QStash gives for nothing. `KEEP_ALIVE_MINUTES` adds one that asks
 * /health, for hosts that sleep. Throws ConfigError.
 */
export function listCalls(environment: Environment): Call[] {
  const minutes = (name: string, otherwise: number) => {
    const value = environment[name]?.trim() || String(otherwise);
    if (/^\d+(\.\d+)?$/.test(value) && (Number(value) >= 1 || Number(value) === otherwise)) return Number(value);
    throw new ConfigError([`${name} must be a number of minutes, 1 or more (it is "${value}")`]);
  };
  const keepAlive = minutes("KEEP_ALIVE_MINUTES", 0);
  const post = (job: string, every: number): Call => {
    return { job, path: `/cron/${job}`, method: "POST", cron: cronOf(every), retries: 3 };
  };
  return [
    post("refresh", minutes("TOKEN_REFRESH_INTERVAL", 30)),
    post("cleanup", minutes("RATE_LIMIT_CLEANUP_INTERVAL", 30)),
    post("rollup", 30),
    ...(keepAlive
      ? [{ job: "awake", path: "/health", method: "GET", cron: cronOf(keepAlive), retries: 0 } as const]
      : []),
  ];
}

/** Ids that stay, so that putting again changes in place: `claude-relay-<host>-`. */
export const schedulePrefix = (publicUrl: string) =>
  `claude-relay-${new URL(publicUrl).host.replaceAll(/[^a-z0-9]+/gi, "-")}-`;

/**
 * Puts the schedules of the relay at `publicUrl`, and gives a line for each; as often as one likes. What is there besides stays:
 * somebody may have made it by hand. Throws what QStash says, or that it cannot be reached.
 */
export async function putSchedules(publicUrl: string, calls: readonly Call[], qstash: QStash): Promise<string[]> {
  const prefix = schedulePrefix(publicUrl);
  const lines: string[] = [];
  for (const { job, path, method, cron, retries } of calls) {
    const destination = publicUrl.replace(/\/+$/, "") + path;
    await putSchedule({ scheduleId: prefix + job, destination, method, cron, retries }, qstash);
    lines.push(`put     ${prefix}${job}: ${method} ${destination}, ${cron} UTC`);
  }
  return lines;
}
