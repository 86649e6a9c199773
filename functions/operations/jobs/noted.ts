import { toFailure } from "../../failure.ts";
import type { JobName, JobRun } from "../../core/process/job-runs.ts";
import { noteRun } from "../../core/process/job-runs.ts";
import type { Report, Run } from "./lease.ts";

/** A job whose runs the console shows: what they did, or why they failed. */
export function noted(job: JobName, run: Run): Run {
  return async (env, claim) => {
    const startedAt = env.now();
    const note = (rest: Pick<JobRun, "outcome" | "report" | "failure">) =>
      noteRun({ job, startedAt, ms: env.now() - startedAt, ...rest }, env);
    try {
      const report = await run(env, claim);
      await note({ outcome: outcomeOf(report), report });
      return report;
    } catch (error) {
      const failure = toFailure(error);
      // A message of QStash that was used before is refused; no run was due.
      if (failure.code !== "signature.wrong") await note({ outcome: "failed", failure: describe(failure, error) });
      throw error;
    }
  };
}

function outcomeOf(report: Report): JobRun["outcome"] {
  if (report.isBusy === true) return "busy";
  return Object.values(report).every(isNothing) ? "idle" : "done";
}

/** Counts of nothing, empty lists, and words, which say how a run ended but not that it did something. */
function isNothing(value: unknown): boolean {
  if (typeof value === "number") return value === 0;
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(isNothing);
}

/** For the operator: what lies behind a failure of the relay's own, too. */
function describe({ code, message }: { code: string; message: string }, error: unknown) {
  const isOwn = code === "internal" && error instanceof Error && error.message !== "";
  return { code, message: isOwn ? error.message : message };
}
