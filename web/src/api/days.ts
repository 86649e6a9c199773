import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "./client.ts";
import { api, take } from "./client.ts";
import type { operations } from "./schema.d.ts";

export type Spans = Schemas["UsageSpans"];
type Query = NonNullable<operations["compareUsage"]["parameters"]["query"]>;

/** What some days used and what the days before did up to the same time of day: of all, a key or an account. */
export const useSpans = (query: Query, refetchInterval: number | false = false, enabled = true) =>
  useQuery({
    queryKey: ["usage", "spans", query],
    queryFn: () => take(api.GET("/admin/usage/spans", { params: { query } })),
    refetchInterval,
    enabled,
  });
