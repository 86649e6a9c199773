import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { api, take } from "./client.ts";
import type { operations } from "./schema.d.ts";

type Query = operations["rankUsage"]["parameters"]["query"];
export type RankedBy = Query["by"];
export type RankedSort = NonNullable<Query["sort"]>;
type UsageOf = operations["exportUsage"]["parameters"]["query"]["of"];

const dayMs = 86_400_000;
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);
/** Whole days by their names. What the relay's zone calls today may differ by one from here: the server fills in the last. */
const since = (days: number) => dayOf(Date.now() - (days - 1) * dayMs);

/** Keys, accounts, models or tags by what they used in the last days, page by page. */
export const useRanking = (by: RankedBy, days: number, sort: RankedSort) =>
  useInfiniteQuery({
    queryKey: ["usage", "ranking", by, days, sort],
    queryFn: ({ pageParam: page }) =>
      take(api.GET("/admin/usage/ranking", { params: { query: { by, sort, page, from: since(days) } } })),
    initialPageParam: 1,
    getNextPageParam: ({ page, pages }) => (page < pages ? page + 1 : undefined),
    placeholderData: keepPreviousData,
  });

/** Usage as CSV. */
export const exportUsage = (of: UsageOf, days: number) =>
  take(api.GET("/admin/usage/export", { params: { query: { of, from: since(days) } } }));
