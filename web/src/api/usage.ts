import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
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

interface Days {
  readonly from: string;
  readonly to: string;
}

export const useOverview = ({ from, to }: Days, refetchInterval: number | false = false) =>
  useQuery({
    queryKey: ["usage", "overview", from, to],
    queryFn: () => take(api.GET("/admin/usage/overview", { params: { query: { from, to } } })),
    placeholderData: keepPreviousData,
    refetchInterval,
  });

export const useLive = (refetchInterval: number | false) =>
  useQuery({
    queryKey: ["usage", "live"],
    queryFn: () => take(api.GET("/admin/usage/live", { params: { query: { minutes: 30 } } })),
    refetchInterval,
  });

export const useTrend = (query: TrendQuery, enabled = true) =>
  useQuery({
    queryKey: ["usage", "trend", query],
    queryFn: () => take(api.GET("/admin/usage/trend", { params: { query } })),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    enabled,
  });

export const useUsageOfKey = (id: string, { from, to }: Days, refetchInterval: number | false = false) =>
  useQuery({
    queryKey: ["usage", "key", id, from, to],
    queryFn: () => take(api.GET("/admin/usage/keys/{id}", { params: { path: { id }, query: { from, to } } })),
    placeholderData: keepPreviousData,
    refetchInterval,
  });

export const useUsageOfAccount = (id: string, { from, to }: Days, refetchInterval: number | false = false) =>
  useQuery({
    queryKey: ["usage", "account", id, from, to],
    queryFn: () => take(api.GET("/admin/usage/accounts/{id}", { params: { path: { id }, query: { from, to } } })),
    placeholderData: keepPreviousData,
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

/** Recent calls, page by page backwards through the log; with an interval its newest page is asked for again and again. */
export const useRequests = (query: RequestQuery, refetchInterval: number | false = false) =>
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
    refetchInterval: ({ state }) => (state.data?.pages.length === 1 ? refetchInterval : false),
    refetchOnWindowFocus: false,
  });

export type SumsQuery = NonNullable<operations["sumUsageRequests"]["parameters"]["query"]>;

/** What the calls that a query leaves add up to, part by part backwards through the log. */
export const useRequestSums = (query: SumsQuery, enabled = true) =>
  useInfiniteQuery({
    queryKey: ["usage", "sums", query],
    queryFn: ({ pageParam }) =>
      take(
        api.GET("/admin/usage/requests/sums", {
          params: { query: { ...query, ...(pageParam ? { before: pageParam } : {}) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: 300_000,
    refetchOnWindowFocus: false,
    enabled,
  });

interface Part {
  readonly lookedTo: number | null;
  readonly oldestAt: number | null;
}

/** How far a search has come: the instant, and the share of the log from now back. Undefined: all was looked at. */
export function progressOf(part: Part | undefined): { readonly at: number; readonly share: number } | undefined {
  if (!part || part.lookedTo === null || part.oldestAt === null) return undefined;
  const now = Date.now();
  return { at: part.lookedTo, share: Math.min(1, (now - part.lookedTo) / Math.max(1, now - part.oldestAt)) };
}

interface Searched {
  readonly hasNextPage: boolean;
  readonly isFetching: boolean;
  readonly isError: boolean;
  fetchNextPage(): unknown;
}

/** Searches on by itself while something is missing: one call looks at a part of the log only. */
export function useOnward(search: Searched, isWanted: boolean): void {
  const { hasNextPage, isFetching, isError, fetchNextPage } = search;
  useEffect(() => {
    if (isWanted && hasNextPage && !isFetching && !isError) fetchNextPage();
  }, [isWanted, hasNextPage, isFetching, isError, fetchNextPage]);
}

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
