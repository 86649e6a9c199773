import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import type { Schemas } from "./client.ts";
import { api, take } from "./client.ts";
import type { operations } from "./schema.d.ts";

export type LogEntry = Schemas["LogEntry"];
export type LogQuery = NonNullable<operations["listLogs"]["parameters"]["query"]>;

/** More than these a page does not hold. */
const most = 1_000;

/** The process log: what came since the last look is put to what is there already. */
export function useLogs(query: LogQuery, refetchInterval: number | false) {
  const held = useRef<{ asked: string; entries: LogEntry[]; last: number; startedAt: number } | undefined>(undefined);
  const asked = JSON.stringify(query);
  return useQuery({
    queryKey: ["logs", query],
    queryFn: async () => {
      const before = held.current?.asked === asked ? held.current : undefined;
      const page = await take(
        api.GET("/admin/logs", { params: { query: { ...query, limit: most, ...(before && { after: before.last }) } } }),
      );
      // A process that began anew counts from one again.
      const isAnew = before !== undefined && before.startedAt !== page.startedAt;
      const entries = [...(isAnew ? [] : (before?.entries ?? [])), ...page.items].slice(-most);
      held.current = { asked, entries, last: isAnew ? 0 : page.last, startedAt: page.startedAt };
      return { ...page, items: entries };
    },
    staleTime: 0,
    gcTime: 0,
    refetchInterval,
  });
}
