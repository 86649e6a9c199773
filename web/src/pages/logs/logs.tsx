import { Alert, Button, Select, Switch } from "@mantine/core";
import { ArrowDown, ScrollText } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { LogEntry, LogQuery } from "../../api/logs.ts";
import { useLogs } from "../../api/logs.ts";
import { usePulse } from "../../api/pulse.ts";
import { Empty, Failing, Loading } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { useFormat } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
import { SearchField } from "../../parts/search-field.tsx";
import classes from "./logs.module.css";

const names = ["search", "level"] as const;
const levels = ["error", "warn", "info", "debug"] as const;

/** What the relay's process says of itself, as it says it. Read from its memory: the store is not asked. */
export default function Logs() {
  const { t } = useTranslation();
  const format = useFormat();
  const [filters, set] = useFilters(names);
  const [isLive, setLive] = useState(true);
  const pulse = usePulse(3_000);
  const query = useMemo(
    () => Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== "")) as LogQuery,
    [filters],
  );
  const logs = useLogs(query, isLive && pulse);
  const isFiltered = Object.keys(query).length > 0;
  const clear = () => set({ search: "", level: "" });
  return (
    <Page title={t("places.logs")} note={t("logs.note")}>
      <div className={classes.tools}>
        <SearchField label={t("logs.search")} value={filters.search} tell={(value) => set({ search: value })} />
        <Select
          aria-label={t("logs.level")}
          placeholder={t("logs.anyLevel")}
          clearable
          w={190}
          value={filters.level || null}
          data={levels.map((value) => ({ value, label: t(`logs.levels.${value}`) }))}
          onChange={(level) => set({ level: level ?? "" })}
        />
        <Switch label={t("logs.live")} checked={isLive} onChange={(event) => setLive(event.currentTarget.checked)} />
      </div>
      {logs.data?.isKept === false && <Alert color="blue">{t("logs.onLambda")}</Alert>}
      <div className="card">
        {logs.isPending && <Loading />}
        {logs.isError && !logs.data && <Failing error={logs.error} retry={() => void logs.refetch()} />}
        {logs.data?.items.length === 0 && <Nothing level={logs.data.level} isFiltered={isFiltered} clear={clear} />}
        {logs.data && logs.data.items.length > 0 && <Lines entries={logs.data.items} isLive={isLive} />}
      </div>
      {logs.data?.isKept && (
        <p className={classes.under}>
          {t("logs.since", { at: format.time(logs.data.startedAt), level: logs.data.level })}
        </p>
      )}
    </Page>
  );
}

interface NothingProps {
  readonly level: string;
  readonly isFiltered: boolean;
  readonly clear: () => void;
}

function Nothing({ level, isFiltered, clear }: NothingProps) {
  const { t } = useTranslation();
  if (!isFiltered)
    return (
      <Empty icon={<ScrollText size={20} />} title={t("logs.none")}>
        {t("logs.noneNote", { level })}
      </Empty>
    );
  const action = (
    <Button variant="default" onClick={clear}>
      {t("common.clearFilters")}
    </Button>
  );
  return <Empty icon={<ScrollText size={20} />} title={t("common.noMatch")} action={action} />;
}

function Lines({ entries, isLive }: { readonly entries: readonly LogEntry[]; readonly isLive: boolean }) {
  const { t } = useTranslation();
  const list = useRef<HTMLOListElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const lastTop = useRef(0);
  const newest = entries.at(-1)?.number;
  const toEnd = () => list.current?.scrollTo({ top: list.current.scrollHeight });
  // Whoever has scrolled up reads: only somebody at the end is taken along.
  useEffect(() => {
    if (isLive && isAtEnd) toEnd();
  }, [newest, isLive, isAtEnd]);
  useEffect(() => void document.fonts.ready.then(toEnd), []);
  return (
    <div className={classes.frame}>
      <ol
        ref={list}
        className={classes.list}
        tabIndex={0}
        aria-label={t("places.logs")}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          // Lines that grow, as when the font comes, are no reader who goes up.
          if (scrollHeight - scrollTop - clientHeight < 40) setAtEnd(true);
          else if (scrollTop < lastTop.current) setAtEnd(false);
          lastTop.current = scrollTop;
        }}
      >
        {entries.map((entry) => (
          <Line key={entry.number} entry={entry} />
        ))}
      </ol>
      {!isAtEnd && (
        <Button className={classes.newest} size="xs" leftSection={<ArrowDown size={14} />} onClick={toEnd}>
          {t("logs.newest")}
        </Button>
      )}
    </div>
  );
}

/** As logs are written everywhere, with the day only where it is not today. Swedish writes instants as ISO 8601 does. */
function clockOf(at: number): string {
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  return new Date(at).toLocaleString("sv-SE").slice(isToday ? 11 : 5);
}

function Line({ entry: { at, level, event, fields } }: { readonly entry: LogEntry }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <li className={classes.line} data-level={level}>
      <time dateTime={new Date(at).toISOString()} title={format.time(at)}>
        {clockOf(at)}
      </time>
      <span className={classes.level}>{t(`logs.levels.${level}`)}</span>
      <span className={classes.words}>
        {event}
        {Object.entries(fields).map(([name, value]) => (
          <span key={name}>
            {" "}
            <span className={classes.name}>{name}=</span>
            {typeof value === "string" ? value : JSON.stringify(value)}
          </span>
        ))}
      </span>
    </li>
  );
}
