import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildRequest, startRig, type Rig } from "../../../test/rig.ts";
import { buildEvent } from "../../../test/usage.ts";
import { listJobs } from "../../operations/jobs/jobs.ts";
import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import type { JobName, JobRun } from "../../core/process/job-runs.ts";
import { usageLog } from "../../core/usage/log.ts";
import { maintenanceOperations } from "./maintenance.ts";
import type { Given } from "../http/operation.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig.stop());

const call = async (id: string, params: unknown, env: Env) => {
  const found = maintenanceOperations.find((operation) => operation.id === id);
  const given: Given = {
    params,
    query: undefined,
    body: undefined,
    session: undefined,
    request: buildRequest({ path: "/admin/maintenance" }),
    setCookie: () => undefined,
  };
  return found?.run(given, env);
};
const runNow = (job: JobName, env = rig.env) => call("runMaintenance", { job }, env) as Promise<JobRun>;
/** What an instance that has run nothing itself is told. */
async function runsElsewhere(job: JobName): Promise<readonly JobRun[]> {
  const { jobs } = (await call("getMaintenance", {}, { ...rig.env })) as { jobs: { name: JobName; runs: JobRun[] }[] };
  return jobs.find(({ name }) => name === job)?.runs ?? [];
}

function breaking(env: Env, verb: keyof Env["store"], error: Error): Env {
  return { ...env, store: { ...env.store, [verb]: () => Promise.reject(error) } };
}

describe("maintenance", () => {
  test("a run that did something is known to every instance, with what it did", async () => {
    await rig.env.store.append(usageLog, JSON.stringify(buildEvent({ at: rig.env.now() })));
    expect(await runNow("rollup")).toMatchObject({ job: "rollup", outcome: "done", report: { events: 1 } });
    expect(await runsElsewhere("rollup")).toMatchObject([{ outcome: "done", report: { events: 1 } }]);
  });

  test("a run that finds nothing to do is told by its own instance, and writes nothing", async () => {
    for (const job of listJobs(rig.env.config)) await job.run(rig.env);
    expect(await rig.env.store.list("runs")).toEqual({});
    const { jobs } = (await call("getMaintenance", {}, rig.env)) as { jobs: { runs: JobRun[] }[] };
    expect(jobs.map(({ runs }) => runs.map(({ outcome }) => outcome))).toEqual([["idle"], ["idle"], ["idle"]]);
  });

  test("a run that failed is told with its reason, beside the last one that worked", async () => {
    await rig.env.store.append(usageLog, JSON.stringify(buildEvent({ at: rig.env.now() })));
    await runNow("rollup");
    rig.pass(1_000);
    const refusal = new Failure("store.unavailable", { message: "The quota is spent." });
    const failure = { code: "store.unavailable", message: "The quota is spent." };
    expect(await runNow("rollup", breaking(rig.env, "readLogBackwards", refusal))).toMatchObject({
      outcome: "failed",
      failure,
    });
    expect(await runsElsewhere("rollup")).toMatchObject([{ outcome: "failed", failure }, { outcome: "done" }]);
  });

  test("what lies behind a failure of the relay's own is told", async () => {
    const broken = breaking(rig.env, "list", new TypeError("x is not a function"));
    expect((await runNow("cleanup", broken)).failure).toEqual({ code: "internal", message: "x is not a function" });
  });

  test("a run while another instance is at it says so", async () => {
    await rig.env.store.append(usageLog, JSON.stringify(buildEvent({ at: rig.env.now() })));
    await rig.env.store.write("lease/rollup", "somebody", { ttlSeconds: 180 });
    expect(await runNow("rollup")).toMatchObject({ outcome: "busy" });
  });
});
