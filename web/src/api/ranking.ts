import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { api, take } from "./client.ts";
import type { operations } from "./schema.d.ts";

type Query = operations["rankUsage"]["parameters"]["query"];
export type RankedBy = Exclude<Query["by"], "none">;
export type RankedSort = NonNullable<Query["sort"]>;
type ExportQuery = operations["exportUsage"]["parameters"]["query"];

/** Keys, owners, accounts, models or tags by what they used in some days, page by page. */
export const useRanking = (query: Omit<Query, "page">, enabled: boolean) =>
  useInfiniteQuery({
    queryKey: ["usage", "ranking", query],
    queryFn: ({ pageParam: page }) => take(api.GET("/admin/usage/ranking", { params: { query: { ...query, page } } })),
    initialPageParam: 1,
    getNextPageParam: ({ page, pages }) => (page < pages ? page + 1 : undefined),
    placeholderData: keepPreviousData,
    enabled,
  });

/** Usage as CSV. */
export const exportUsage = (query: ExportQuery) => take(api.GET("/admin/usage/export", { params: { query } }));
