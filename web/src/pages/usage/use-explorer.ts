import { useMemo, useState } from "react";
import { useSpans } from "../../api/days.ts";
import { useRanking, type RankedSort } from "../../api/ranking.ts";
import type { Figures } from "../../api/usage.ts";
import { useOnward, useRequestSums } from "../../api/usage.ts";
import type { Span } from "../../parts/span.tsx";
import { addFigures, isRanked, type Dimension, type Row } from "./rows.ts";

interface Asked {
  readonly by: Dimension;
  readonly split: Dimension | undefined;
  readonly sort: RankedSort;
  readonly span: Span;
}

export interface Sum {
  readonly figures: Figures;
  readonly before: Figures | null;
}

/** The rows: from the figures of days where those tell it, else added up from the log, part by part. */
export function useExplorer({ by, split, sort, span }: Asked) {
  const isLog = !isRanked(by) || split !== undefined;
  const { from, to, since, until } = span;
  const ranking = useRanking({ by: isRanked(by) ? by : "none", sort, from, to, pageSize: 200 }, !isLog);
  const spans = useSpans({ from, to }, false, !isLog);
  const query = useMemo(
    () => ({ since, until, by, stepMs: 86_400_000, ...(split && { split }) }),
    [since, until, by, split],
  );
  const sums = useRequestSums(query, isLog);
  const [stopped, setStopped] = useState<typeof query>();
  const isRunning = isLog && sums.hasNextPage && stopped !== query;
  useOnward(sums, isRunning);
  const parts = sums.data?.pages;
  const logRows = useMemo(() => addParts(parts ?? [], sort), [parts, sort]);
  if (!isLog) {
    const items: readonly Row[] =
      ranking.data?.pages.flatMap((page) => page.items.map((row) => ({ ...row, split: null }))) ?? [];
    const sum: Sum | undefined = spans.data && { figures: spans.data.figures, before: spans.data.before.figures };
    return {
      ...{ isLog, items, sum, total: ranking.data?.pages[0]?.total, last: undefined },
      ...{ isPending: ranking.isPending, error: ranking.error, retry: () => void ranking.refetch() },
      ...{ hasMore: ranking.hasNextPage, isRunning: ranking.isFetchingNextPage, stop: () => undefined },
      goOn: () => void ranking.fetchNextPage(),
    };
  }
  const figures = parts?.map((part) => part.figures).reduce(addFigures);
  return {
    ...{ isLog, items: logRows, sum: figures && { figures, before: null }, total: parts && logRows.length },
    ...{ last: parts?.at(-1), isPending: sums.isPending, error: sums.error, retry: () => void sums.refetch() },
    ...{ hasMore: sums.hasNextPage, isRunning, stop: () => setStopped(query), goOn: () => setStopped(undefined) },
  };
}

type Part = NonNullable<ReturnType<typeof useRequestSums>["data"]>["pages"][number];

function addParts(parts: readonly Part[], sort: RankedSort): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const { groups } of parts)
    for (const group of groups) {
      const id = JSON.stringify([group.id, group.split?.id]);
      const known = rows.get(id);
      rows.set(id, {
        ...group,
        before: null,
        figures: known ? addFigures(known.figures, group.figures) : group.figures,
      });
    }
  return [...rows.values()].sort((one, other) =>
    sort === "name" ? one.name.localeCompare(other.name) : other.figures[sort] - one.figures[sort],
  );
}
