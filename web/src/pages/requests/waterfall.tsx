import { useTranslation } from "react-i18next";
import type { RequestDetail } from "../../api/usage.ts";
import { useFormat } from "../../parts/format.ts";
import classes from "./requests.module.css";

const colours = { queue: "#a6a6b0", select: "#3e93d8", head: "#6d6de0", first: "#e5894a", rest: "#12a594" } as const;
type Span = keyof typeof colours;

/** Where the time of a call went, each span where it began. A moment that did not come is told as 0 and has no span. */
export function Waterfall({ request: { timings } }: { readonly request: Pick<RequestDetail, "timings"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const total = Math.max(timings.total, 1);
  const spans = buildSpans(timings);
  return (
    <div className={classes.fall}>
      {spans.map(({ span, from, to }) => [
        <span key={`${span}-name`}>{t(`spans.${span}`)}</span>,
        <div key={`${span}-lane`} className={classes.lane} aria-hidden>
          <span
            style={{
              left: `${(from / total) * 100}%`,
              width: `${((to - from) / total) * 100}%`,
              background: colours[span],
            }}
          />
        </div>,
        <span key={`${span}-ms`} className={classes.number}>
          {format.duration(to - from)}
        </span>,
      ])}
    </div>
  );
}

function buildSpans(timings: RequestDetail["timings"]): { span: Span; from: number; to: number }[] {
  const order = ["queue", "select", "head", "first"] as const;
  const spans: { span: Span; from: number; to: number }[] = [];
  let from = 0;
  for (const span of order) {
    const to = timings[span];
    if (to < from || (to === 0 && span !== "queue")) continue;
    spans.push({ span, from, to });
    from = to;
  }
  return [...spans, { span: "rest", from, to: Math.max(from, timings.total) }];
}
