import { ActionIcon, Button, Switch } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Download, RotateCw } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { usePulse } from "../../api/pulse.ts";
import { exportUsage } from "../../api/ranking.ts";
import type { RequestQuery } from "../../api/usage.ts";
import { useAct } from "../../parts/act.ts";
import { useFilters } from "../../parts/filters.ts";
import { Page } from "../../parts/page.tsx";
import { type Span, SpanControl, useSpan } from "../../parts/span.tsx";
import { dayIn, shiftDay } from "../../parts/zone.ts";
import { saveCsv } from "../../parts/download.ts";
import { filterNames, RequestFilters, timeNames } from "./filters.tsx";
import { Recent } from "./recent.tsx";
import { Sums } from "./sums.tsx";
import classes from "./requests.module.css";

const names = [...filterNames, ...timeNames, "live"] as const;

/** Every call that the log still has, and why each went as it did. */
export default function Requests() {
  const { t } = useTranslation();
  const [filters, set] = useFilters(names);
  const [span] = useSpan("all");
  const client = useQueryClient();
  const pulse = usePulse(5_000);
  const query = useQuery(filters, span);
  return (
    <Page
      title={t("places.requests")}
      note={t("requests.note")}
      actions={
        <>
          <SpanControl fallback="all" />
          <Switch
            className={classes.live}
            label={t("requests.live")}
            checked={filters.live === "1"}
            onChange={(event) => set({ live: event.currentTarget.checked ? "1" : "" })}
          />
          <Export query={query} span={span} />
          <ActionIcon
            variant="default"
            size={36}
            aria-label={t("requests.refresh")}
            title={t("requests.refresh")}
            onClick={() => {
              void client.resetQueries({ queryKey: ["usage", "requests"] });
              void client.resetQueries({ queryKey: ["usage", "sums"] });
            }}
          >
            <RotateCw size={15} />
          </ActionIcon>
        </>
      }
    >
      <RequestFilters filters={filters} set={set} />
      <Sums query={query} choose={(since, until) => set({ since: String(since), until: String(until) })} />
      <Recent query={query} pulse={filters.live === "1" && pulse} />
    </Page>
  );
}

type Asked = Omit<RequestQuery, "before" | "pageSize">;

/** What the address asks of the log: a bar's time wins over the days. */
function useQuery(filters: Record<(typeof names)[number], string>, span: Span): Asked {
  const { isAll, since, until, to, today } = span;
  return useMemo(() => {
    const words = filterNames.flatMap((name) => (filters[name] === "" ? [] : [[name, filters[name]]]));
    const days = isAll ? {} : { since, ...(to < today ? { until } : {}) };
    const bar = filters.since && filters.until ? { since: Number(filters.since), until: Number(filters.until) } : {};
    return { ...Object.fromEntries(words), ...days, ...bar } as Asked;
  }, [filters, isAll, since, until, to, today]);
}

/** The API tells so many days at once. */
const mostDays = 92;

/** The calls that are shown, as far as the server tells them at once. */
function Export({ query, span }: { readonly query: Asked; readonly span: Span }) {
  const { t } = useTranslation();
  const { act, isBusy } = useAct();
  const save = async () => {
    const from = query.since === undefined ? shiftDay(span.today, 1 - mostDays) : dayIn(query.since, span.zone);
    const to = query.until === undefined ? span.today : dayIn(query.until - 1, span.zone);
    const { name, csv } = await exportUsage({ of: "requests", from, to, ...query });
    saveCsv(name, csv);
  };
  return (
    <Button
      variant="default"
      leftSection={<Download size={15} />}
      loading={isBusy}
      onClick={() => void act(save, t("requests.exported"))}
    >
      {t("keys.export")}
    </Button>
  );
}
