import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "./client.ts";
import { api, take } from "./client.ts";
import { offers } from "./offer.ts";
import { queryClient } from "./query.ts";

export type Maintenance = Schemas["Maintenance"];
export type JobRun = Schemas["JobRun"];
export type Drift = Schemas["UsageDrift"];

const queryKey = ["maintenance"];

export const useMaintenance = () =>
  useQuery({ queryKey, queryFn: () => take(api.GET("/admin/maintenance")), enabled: offers("getMaintenance") });

export async function runMaintenance(job: JobRun["job"]): Promise<JobRun> {
  const run = await take(api.POST("/admin/maintenance/{job}/run", { params: { path: { job } } }));
  await queryClient.invalidateQueries({ queryKey });
  return run;
}

const at = (id: string) => ({ params: { path: { id } } });

export const checkDrift = (id: string) => take(api.GET("/admin/usage/keys/{id}/drift", at(id)));
export const mendDrift = (id: string) => take(api.POST("/admin/usage/keys/{id}/drift", at(id)));

export interface Limited {
  readonly id: string;
  readonly name: string;
}

const limits = [
  "concurrency",
  "windowMinutes",
  "dailyCostUsd",
  "weeklyCostUsd",
  "totalCostUsd",
  "totalTokens",
] as const;

/** The keys that have meters at all: those with a limit. */
export async function listLimited(): Promise<Limited[]> {
  const found: Limited[] = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const answer = await take(api.GET("/admin/keys", { params: { query: { page, pageSize: 200 } } }));
    pages = answer.pages;
    const limited = answer.items.filter(
      (key) => limits.some((limit) => key[limit] > 0) || Object.keys(key.weeklyFamilyCostUsd).length > 0,
    );
    found.push(...limited.map(({ id, name }) => ({ id, name })));
  }
  return found;
}
