import type { Env } from "../../env.ts";

/** Something that must be done now and then by a process that stays up. */
export interface Job {
  readonly name: string;
  readonly intervalMinutes: number;
  run(env: Env): Promise<unknown>;
}

/**
 * Runs each job at its interval, first after one interval: a start costs no commands. A job that still runs when its time
 * comes again is left alone. Gives what stops them.
 */
export function startTimers(jobs: readonly Job[], env: Env): () => void {
  const timers = jobs.map((job) => {
    let isRunning = false;
    const tick = () => {
      if (isRunning) return;
      isRunning = true;
      env.after(
        runLogged(job, env).finally(() => {
          isRunning = false;
        }),
      );
    };
    // unref: a timer alone keeps no process alive.
    return setInterval(tick, job.intervalMinutes * 60_000).unref();
  });
  return () => timers.forEach((timer) => clearInterval(timer));
}

async function runLogged(job: Job, env: Env): Promise<void> {
  try {
    await job.run(env);
  } catch (error) {
    env.log("error", "job failed", { job: job.name, error });
  }
}
