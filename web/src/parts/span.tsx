import { ActionIcon, Button, Group, Popover, Stack, Switch, Text, TextInput } from "@mantine/core";
import { CalendarRange, ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFilters } from "./filters.ts";
import { countDays, daysOf, moveDays, presets, type Days, type Preset } from "./spans.ts";
import { dayIn, startOf, shiftDay, useZone } from "./zone.ts";
import classes from "./span.module.css";

const names = ["span", "from", "to", "compare"] as const;
const day = /^\d{4}-\d\d-\d\d$/;

export interface Span extends Days {
  readonly preset: Preset | undefined;
  /** Nothing is chosen: all that there is. Only where a page allows it. */
  readonly isAll: boolean;
  readonly isCompared: boolean;
  readonly today: string;
  readonly zone: string;
  /** As instants: from (inclusive), to (exclusive). */
  readonly since: number;
  readonly until: number;
}

/** The days that the address tells, else those of a preset. All pages share the names, so links carry the days along. */
export function useSpan(fallback: Preset | "all") {
  const [chosen, set] = useFilters(names);
  const zone = useZone();
  const today = dayIn(Date.now(), zone);
  const isOwn = day.test(chosen.from) && day.test(chosen.to) && chosen.from <= chosen.to;
  const preset = isOwn ? undefined : presets.find((one) => one === chosen.span);
  const isAll = !isOwn && preset === undefined && fallback === "all";
  const shown = preset ?? (fallback === "all" ? "30" : fallback);
  const days = isOwn ? { from: chosen.from, to: chosen.to } : daysOf(shown, today);
  const span: Span = {
    ...days,
    preset: isOwn || isAll ? undefined : shown,
    isAll,
    isCompared: chosen.compare !== "0",
    today,
    zone,
    since: startOf(days.from, zone),
    until: startOf(shiftDay(days.to, 1), zone),
  };
  return [span, set] as const;
}

/** The same days for another page's address, with what else it filters by. */
export function spanQuery({ preset, from, to, isAll }: Span, filter: Readonly<Record<string, string>> = {}): string {
  const days: Record<string, string> = isAll ? {} : preset ? { span: preset } : { from, to };
  const query = new URLSearchParams({ ...filter, ...days }).toString();
  return query && `?${query}`;
}

interface Props {
  readonly fallback: Preset | "all";
  /** Whether the page compares with the days before. */
  readonly compares?: boolean;
}

/** One control of time for every page: presets, two days, the days before and after. */
export function SpanControl({ fallback, compares }: Props) {
  const { t } = useTranslation();
  const [span, set] = useSpan(fallback);
  const [isOpen, setOpen] = useState(false);
  const write = useDays();
  const choose = (next: string) => {
    set({ span: next === fallback ? "" : next, from: "", to: "" });
    setOpen(false);
  };
  const move = (step: 1 | -1) => {
    const next = moveDays(span, step, span.today, span.preset);
    set({ span: "", from: next.from, to: next.to });
  };
  const all = span.isAll ? t("span.all") : undefined;
  const label = all ?? (span.preset ? t(`span.presets.${span.preset}`) : write(span));
  return (
    <Group gap={4} wrap="nowrap" className={classes.control} role="group" aria-label={t("span.title")}>
      <ActionIcon
        variant="default"
        size={36}
        aria-label={t("span.before")}
        disabled={span.isAll}
        onClick={() => move(-1)}
      >
        <ChevronLeft size={16} />
      </ActionIcon>
      <Popover opened={isOpen} onChange={setOpen} position="bottom-end" width={300} trapFocus>
        <Popover.Target>
          <Button
            variant="default"
            leftSection={<CalendarRange size={15} />}
            aria-haspopup="dialog"
            title={span.isAll ? undefined : `${write(span)} · ${span.zone}`}
            onClick={() => setOpen(!isOpen)}
          >
            {label}
            {!span.isAll && <span className={classes.zone}>{span.zone}</span>}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label={t("span.title")}>
          <Stack gap="sm">
            <div className={classes.presets}>
              {fallback === "all" && (
                <Button size="xs" variant={span.isAll ? "filled" : "default"} onClick={() => choose("all")}>
                  {t("span.all")}
                </Button>
              )}
              {presets.map((one) => (
                <Button
                  key={one}
                  size="xs"
                  variant={span.preset === one ? "filled" : "default"}
                  onClick={() => choose(one)}
                >
                  {t(`span.presets.${one}`)}
                </Button>
              ))}
            </div>
            <Dates key={`${span.from}${span.to}`} span={span} set={(days) => set({ span: "", ...days })} />
            {compares && (
              <Switch
                label={t("span.compare")}
                checked={span.isCompared}
                onChange={(event) => set({ compare: event.currentTarget.checked ? "" : "0" })}
              />
            )}
            <Text size="xs" c="dimmed">
              {t("span.zone", { zone: span.zone })}
            </Text>
          </Stack>
        </Popover.Dropdown>
      </Popover>
      <ActionIcon
        variant="default"
        size={36}
        aria-label={t("span.after")}
        disabled={span.isAll || span.to >= span.today}
        onClick={() => move(1)}
      >
        <ChevronRight size={16} />
      </ActionIcon>
    </Group>
  );
}

/** The API tells at most so many days at once. */
const mostDays = 92;

/** Two days of one's own choice; they hold once both make sense. */
function Dates({ span, set }: { readonly span: Span; readonly set: (days: Days) => void }) {
  const { t } = useTranslation();
  const [from, setFrom] = useState(span.from);
  const [to, setTo] = useState(span.to);
  const isWrong = !(from <= to) || from === "" || to > span.today || countDays({ from, to }) > mostDays;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isWrong) set({ from, to });
      }}
    >
      <Group gap="xs" wrap="nowrap" align="flex-end">
        <TextInput
          type="date"
          size="xs"
          label={t("span.from")}
          value={from}
          max={span.today}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          type="date"
          size="xs"
          label={t("span.to")}
          value={to}
          max={span.today}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
      </Group>
      {isWrong && (
        <Text size="xs" c="red" mt={4} role="alert">
          {t("span.wrong", { count: mostDays })}
        </Text>
      )}
      <Button type="submit" size="xs" fullWidth mt="xs" disabled={isWrong}>
        {t("span.apply")}
      </Button>
    </form>
  );
}

/** "Nov 2 – Dec 1", by the names of the days whatever the reader's own zone is. */
export function useDays(): (days: Days) => string {
  const { i18n } = useTranslation();
  return ({ from, to }) => {
    const isThisYear = from.slice(0, 4) === to.slice(0, 4) && to.startsWith(String(new Date().getFullYear()));
    const format = new Intl.DateTimeFormat(i18n.language, {
      timeZone: "UTC",
      month: "short",
      day: "numeric",
      ...(isThisYear ? {} : { year: "numeric" }),
    });
    return from === to ? format.format(Date.parse(from)) : format.formatRange(Date.parse(from), Date.parse(to));
  };
}
