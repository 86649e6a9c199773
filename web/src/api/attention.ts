import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "./client.ts";
import { api, take } from "./client.ts";

export type Attention = Schemas["Attention"]["items"][number];

/** What needs a person: looked up when a page loads, and seldom while somebody looks. */
export const useAttention = () =>
  useQuery({
    queryKey: ["attention"],
    queryFn: () => take(api.GET("/admin/alerts/attention")),
    select: ({ items }) => items,
    staleTime: 60_000,
  });
