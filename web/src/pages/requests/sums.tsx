import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { SumsQuery } from "../../api/usage.ts";
import { progressOf, useOnward, useRequestSums } from "../../api/usage.ts";
import { useFormat } from "../../parts/format.ts";
import classes from "./requests.module.css";

type Filter = Omit<SumsQuery, "before" | "stepMs" | "by">;

interface Props {
  readonly query: Filter;
  /** Narrows the list to a bar's time. */
  readonly choose: (since: number, until: number) => void;
}

const minuteMs = 60_000;
const hourMs = 3_600_000;
const mostBars = 96;

/** What all calls that the filters leave add up to, and when they came; a bar leads to its calls. */
export function Sums({ query, choose }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const isShort = query.since !== undefined && (query.until ?? Date.now()) - query.since <= 2 * hourMs;
  const stepMs = isShort ? minuteMs : hourMs;
  const asked = useMemo(() => ({ ...query, stepMs }), [query, stepMs]);
  const sums = useRequestSums(asked);
  useOnward(sums, true);
  const pages = sums.data?.pages;
  const bars = useMemo(() => buildBars(pages?.flatMap(({ steps }) => steps) ?? [], stepMs), [pages, stepMs]);
  if (!pages) return <div className={classes.sums} aria-busy />;
  const sum = (of: "requests" | "errors" | "tokens" | "costUsd") =>
    pages.reduce((all, { figures }) => all + figures[of], 0);
  const progress = sums.hasNextPage ? progressOf(pages.at(-1)) : undefined;
  const most = Math.max(1, ...bars.map(({ requests }) => requests));
  const write = (at: number) => format.moment(at, Date.now());
  return (
    <section className={`card ${classes.sums}`} aria-label={t("log.histogram")}>
      <div className={classes.bars} role="group" aria-label={t("log.histogram")}>
        {bars.map(({ startAt, endAt, requests, errors }) => (
          <button
            key={startAt}
            type="button"
            disabled={requests === 0}
            title={t("log.bar", { count: requests, errors: format.number(errors), at: write(startAt) })}
            aria-label={t("log.bar", { count: requests, errors: format.number(errors), at: write(startAt) })}
            onClick={() => choose(startAt, endAt)}
          >
            <span style={{ height: `${((requests - errors) / most) * 100}%` }} />
            <span data-bad style={{ height: `${(errors / most) * 100}%` }} />
          </button>
        ))}
      </div>
      <div className={classes.axis} aria-hidden>
        <span>{bars[0] && write(bars[0].startAt)}</span>
        <span>{bars.length > 1 && write(bars.at(-1)?.endAt ?? 0)}</span>
      </div>
      <p role="status">
        {t("log.totals", {
          requests: format.number(sum("requests")),
          errors: format.number(sum("errors")),
          tokens: format.compact(sum("tokens")),
          usd: format.usd(sum("costUsd")),
        })}
        {progress && <span> · {t("log.counting", { share: format.percent(progress.share) })}</span>}
      </p>
    </section>
  );
}

interface Step {
  readonly startAt: number;
  readonly requests: number;
  readonly errors: number;
}

/** Steps side by side, also those without calls, at most so many bars. */
function buildBars(steps: readonly Step[], stepMs: number): (Step & { readonly endAt: number })[] {
  if (steps.length === 0) return [];
  const first = Math.min(...steps.map(({ startAt }) => startAt));
  const last = Math.max(...steps.map(({ startAt }) => startAt));
  const width = Math.ceil(((last - first) / stepMs + 1) / mostBars) * stepMs;
  const bars = Array.from({ length: Math.floor((last - first) / width) + 1 }, (_, index) => ({
    ...{ startAt: first + index * width, endAt: first + (index + 1) * width },
    ...{ requests: 0, errors: 0 },
  }));
  for (const { startAt, requests, errors } of steps) {
    const bar = bars[Math.floor((startAt - first) / width)];
    if (!bar) continue;
    bar.requests += requests;
    bar.errors += errors;
  }
  return bars;
}
