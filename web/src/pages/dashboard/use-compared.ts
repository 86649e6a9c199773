import { type Spans, useSpans } from "../../api/days.ts";
import type { Span } from "../../parts/span.tsx";

/** The days before of a key or account, of the same hours; undefined while they are not wanted or not known yet. */
export function useCompared(of: { key?: string; account?: string }, span: Span): Spans["before"] | undefined {
  const spans = useSpans({ ...of, from: span.from, to: span.to }, false, span.isCompared);
  return span.isCompared ? spans.data?.before : undefined;
}
