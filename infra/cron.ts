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

type Environment = Readonly<Record<string, string | undefined>>;

/** At the default intervals 144 calls a day of 1,000 that QStash gives for nothing. `keepAlive` in minutes, for hosts that sleep. */
export function listCalls(environment: Environment, keepAlive = Number(environment.KEEP_ALIVE_MINUTES || 0)): Call[] {
  const minutes = (name: string) => Number(environment[name] || 30);
  const post = (job: string, every: number): Call => {
    return { job, path: `/cron/${job}`, method: "POST", cron: cronOf(every), retries: 3 };
  };
  return [
    post("refresh", minutes("TOKEN_REFRESH_INTERVAL")),
    post("cleanup", minutes("RATE_LIMIT_CLEANUP_INTERVAL")),
    post("rollup", 30),
    ...(keepAlive
      ? [{ job: "awake", path: "/health", method: "GET", cron: cronOf(keepAlive), retries: 0 } as const]
      : []),
  ];
}
