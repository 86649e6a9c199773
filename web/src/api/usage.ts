import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { Schemas } from "./client.ts";
import { api, take } from "./client.ts";
import type { operations } from "./schema.d.ts";

export type Figures = Schemas["UsageFigures"];
export type Overview = Schemas["UsageOverview"];
export type Trend = Schemas["UsageTrend"];
export type Ranked = Overview["keys"][number];
export type Point = Overview["trend"][number];
export type Limit = Schemas["UsageOfKey"]["limits"][number];
export type RequestRow = Schemas["UsageRequests"]["items"][number];
export type RequestDetail = Schemas["UsageRequest"];
export type TrendQuery = NonNullable<operations["getUsageTrend"]["parameters"]["query"]>;
export type RequestQuery = NonNullable<operations["listUsageRequests"]["parameters"]["query"]>;

export const useOverview = (days: number, refetchInterval: number | false = false) =>
  useQuery({
    queryKey: ["usage", "overview", days],
    queryFn: () => take(api.GET("/admin/usage/overview", { params: { query: { days } } })),
    placeholderData: keepPreviousData,
    refetchInterval,
  });

export const useLive = (refetchInterval: number | false) =>
  useQuery({
    queryKey: ["usage", "live"],
    queryFn: () => take(api.GET("/admin/usage/live", { params: { query: { minutes: 30 } } })),
    refetchInterval,
  });

export const useTrend = (query: TrendQuery) =>
  useQuery({
    queryKey: ["usage", "trend", query],
    queryFn: () => take(api.GET("/admin/usage/trend", { params: { query } })),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });

export const useUsageOfKey = (id: string, refetchInterval: number | false = false) =>
  useQuery({
    queryKey: ["usage", "key", id],
    queryFn: () => take(api.GET("/admin/usage/keys/{id}", { params: { path: { id } } })),
    refetchInterval,
  });

export const useUsageOfAccount = (id: string, refetchInterval: number | false = false) =>
  useQuery({
    queryKey: ["usage", "account", id],
    queryFn: () => take(api.GET("/admin/usage/accounts/{id}", { params: { path: { id } } })),
    refetchInterval,
  });

/** What each account served today and how full its windows are, by account id. */
export const useUsageOfAccounts = (refetchInterval: number | false = false) =>
  useQuery({
    queryKey: ["usage", "accounts"],
    queryFn: () => take(api.GET("/admin/usage/accounts")),
    select: ({ items }) => new Map(items.map((item) => [item.id, item])),
    refetchInterval,
  });
export type AccountNow = Schemas["UsageOfAccounts"]["items"][number];

/** Recent calls, page by page backwards through the log. */
export const useRequests = (query: RequestQuery) =>
  useInfiniteQuery({
    queryKey: ["usage", "requests", query],
    queryFn: ({ pageParam }) =>
      take(
        api.GET("/admin/usage/requests", {
          params: { query: { ...query, ...(pageParam ? { before: pageParam } : {}) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });

export type AccountFailure = Schemas["AccountFailures"]["items"][number];

/** Tries at an account that failed, page by page backwards through the log. */
export const useAccountFailures = (id: string) =>
  useInfiniteQuery({
    queryKey: ["usage", "failures", id],
    queryFn: ({ pageParam }) => {
      const query = pageParam ? { before: pageParam } : {};
      return take(api.GET("/admin/usage/accounts/{id}/failures", { params: { path: { id }, query } }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const useRequest = (id: string) =>
  useQuery({
    queryKey: ["usage", "request", id],
    queryFn: () => take(api.GET("/admin/usage/requests/{id}", { params: { path: { id } } })),
    enabled: id !== "",
    staleTime: Infinity,
  });

/** Whether a key's call is among the latest: one command, whatever the key. */
export const readLatest = () => take(api.GET("/admin/usage/requests", { params: { query: { pageSize: 20 } } }));

export type Measure = "costUsd" | "requests" | "tokens" | "errors";
