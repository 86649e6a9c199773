import * as z from "zod/mini";
import { intervalsOf } from "../../operations/jobs/intervals.ts";
import type { Env } from "../../env.ts";
import { findRun, jobNames, readRuns, type JobRun } from "../../core/process/job-runs.ts";
import { component } from "../http/component.ts";
import { instant } from "../http/fields.ts";
import { operation, type Operation } from "../http/operation.ts";

const job = z.enum(jobNames);

const JobRunView = component(
  "JobRun",
  z.object({
    job,
    startedAt: instant("When it began."),
    ms: z.int().check(z.describe("How long it took.")),
    outcome: z
      .enum(["done", "idle", "busy", "failed"])
      .check(z.describe("idle: there was nothing to do; busy: another instance was at it.")),
    report: z.nullable(z.record(z.string(), z.unknown())).check(z.describe("What it did, as the job tells it.")),
    failure: z.nullable(z.object({ code: z.string(), message: z.string() })).check(z.describe("Why it failed.")),
  }),
);

const Maintenance = component(
  "Maintenance",
  z.object({
    by: z
      .enum(["timer", "qstash"])
      .check(z.describe("Who begins the runs: the process itself, or QStash by its schedules.")),
    jobs: z.array(
      z.object({
        name: job,
        intervalMinutes: z.int(),
        nextAt: z.nullable(instant("When this process runs it next; null: QStash knows.")),
        runs: z
          .array(JobRunView)
          .check(z.describe("Newest first: all of this process's, of others the last that did something or failed.")),
      }),
    ),
  }),
);

export const maintenanceOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/maintenance",
    id: "getMaintenance",
    summary: "The maintenance jobs, what their last runs did, or why they failed. One command.",
    answer: Maintenance,
    async run(_, env) {
      const runs = await readRuns(env);
      const isTimed = env.logBook !== undefined && env.config.QSTASH_TOKEN === undefined;
      const minutes = intervalsOf(env.config);
      const jobs = jobNames.map((name) => ({
        name,
        intervalMinutes: minutes[name],
        nextAt: isTimed ? nextTick(minutes[name], env) : null,
        runs: runs[name].map(view),
      }));
      return { by: isTimed ? ("timer" as const) : ("qstash" as const), jobs };
    },
  }),
  operation({
    method: "POST",
    path: "/admin/maintenance/:job/run",
    id: "runMaintenance",
    summary: "Run a job now. What fails is answered, too: it is the run's outcome.",
    params: z.strictObject({ job }),
    answer: JobRunView,
    async run({ params }, env) {
      // The jobs bring much code that looking at their runs does not need.
      const { jobs } = await import("../../operations/jobs/jobs.ts");
      try {
        await jobs[params.job](env);
      } catch (error) {
        env.log("error", "job failed", { job: params.job, error });
      }
      const run = findRun(params.job, env);
      if (!run) throw new Error(`The run of ${params.job} was not noted.`);
      return view(run);
    },
  }),
];

/** Timers tick from the start of the process on, which is when its log begins. */
function nextTick(intervalMinutes: number, env: Env): number {
  const startedAt = env.logBook?.startedAt ?? env.now();
  const intervalMs = intervalMinutes * 60_000;
  return startedAt + (Math.floor((env.now() - startedAt) / intervalMs) + 1) * intervalMs;
}

const view = ({ report, failure, ...run }: JobRun) => ({
  ...run,
  report: report ? { ...report } : null,
  failure: failure ?? null,
});
