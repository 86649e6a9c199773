import type { Env } from "../../env.ts";
import { perEnv } from "../../env.ts";
import { toFailure } from "../../failure.ts";

export const jobNames = ["refresh", "cleanup", "rollup"] as const;
export type JobName = (typeof jobNames)[number];

/** One run of a maintenance job, as the console shows it. */
export interface JobRun {
  readonly job: JobName;
  readonly startedAt: number;
  readonly ms: number;
  /** `idle`: there was nothing to do; `busy`: another instance was at it. */
  readonly outcome: "done" | "idle" | "busy" | "failed";
  /** What it did, as the job tells it. */
  readonly report?: Readonly<Record<string, unknown>>;
  /** Why it failed. */
  readonly failure?: { readonly code: string; readonly message: string };
}

/** Fields: `<job>/done` and `<job>/failed`, the last run that did something and the last that failed; values are JSON. */
const runsTable = "runs";
const mostHeld = 20;

const heldOf = perEnv<JobRun[]>(() => []);

/**
 * Keeps what a run came to: in this process all of the latest, in the store only one that did something or failed. So a run
 * that finds nothing to do costs nothing more, and one command is spent on any other.
 */
export async function noteRun(run: JobRun, env: Env): Promise<void> {
  const held = heldOf(env);
  held.unshift(run);
  held.length = Math.min(held.length, mostHeld * jobNames.length);
  if (run.outcome !== "done" && run.outcome !== "failed") return;
  try {
    await env.store.put(runsTable, { [`${run.job}/${run.outcome}`]: JSON.stringify(run) });
  } catch (error) {
    // Most likely the very reason why the run failed, which the process log has.
    env.log("warn", "run not noted", { job: run.job, code: toFailure(error).code });
  }
}

/** The latest run of a job in this process. */
export const findRun = (job: JobName, env: Env): JobRun | undefined => heldOf(env).find((run) => run.job === job);

/** The latest runs of each job, newest first: this process's own, and what the store has of others'. One command. */
export async function readRuns(env: Env): Promise<Record<JobName, JobRun[]>> {
  const stored = Object.values(await env.store.list(runsTable)).map((value) => JSON.parse(value) as JobRun);
  const held = heldOf(env);
  const isHeld = (one: JobRun) => held.some(({ job, startedAt }) => job === one.job && startedAt === one.startedAt);
  const all = [...held, ...stored.filter((run) => !isHeld(run))].sort((one, other) => other.startedAt - one.startedAt);
  const ofJob = (job: JobName) => all.filter((run) => run.job === job).slice(0, mostHeld);
  return { refresh: ofJob("refresh"), cleanup: ofJob("cleanup"), rollup: ofJob("rollup") };
}
