import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, take, type Schemas } from "./client.ts";
import { queryClient } from "./query.ts";

export type AuditRow = Schemas["AuditRow"];
export type Alerts = Schemas["Alerts"];
export type AlertChannel = Schemas["AlertChannel"];
export type ChannelDraft = Schemas["AlertChannelDraft"];

export interface AuditFilter {
  readonly operation?: string;
  readonly target?: string;
}

/** What admins did, newest first, page by page. */
export function useAudit(filter: AuditFilter) {
  return useInfiniteQuery({
    queryKey: ["audit", filter],
    queryFn: ({ pageParam }) =>
      take(
        api.GET("/admin/audit", {
          params: { query: { ...filter, pageSize: 50, ...(pageParam ? { before: pageParam } : {}) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: 0,
  });
}

export const checkAudit = () => take(api.GET("/admin/audit/check"));

const alertsKey = ["alerts"];
const renew = () => queryClient.invalidateQueries({ queryKey: alertsKey });

/** It moves with the cleanup, every half hour: there is nothing to poll for. */
export function useAlerts() {
  return useQuery({ queryKey: alertsKey, queryFn: () => take(api.GET("/admin/alerts")) });
}

export async function updateAlerts(change: Schemas["AlertSettingsChange"]): Promise<void> {
  queryClient.setQueryData(alertsKey, await take(api.PATCH("/admin/alerts", { body: change })));
}

export async function addChannel(body: ChannelDraft): Promise<void> {
  await take(api.POST("/admin/alerts/channels", { body }));
  await renew();
}

export async function updateChannel(id: string, body: Schemas["AlertChannelChange"]): Promise<void> {
  await take(api.PATCH("/admin/alerts/channels/{id}", { params: { path: { id } }, body }));
  await renew();
}

export async function removeChannel(id: string): Promise<void> {
  await take(api.DELETE("/admin/alerts/channels/{id}", { params: { path: { id } } }));
  await renew();
}

export const testChannel = (id: string) =>
  take(api.POST("/admin/alerts/channels/{id}/test", { params: { path: { id } } }));
