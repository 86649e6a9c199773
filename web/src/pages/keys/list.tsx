import { Button, Group, Select, Text } from "@mantine/core";
import { Ban, Download, Hourglass, KeyRound, Plus, Search, X } from "lucide-react";
import { useDeferredValue, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { KeyQuery } from "../../api/keys.ts";
import { readAllKeys, useKeyTags } from "../../api/keys.ts";
import { useGroups, useSettings } from "../../api/settings.ts";
import { useAct } from "../../parts/act.ts";
import { saveCsv } from "../../parts/download.ts";
import { Empty } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { Page } from "../../parts/page.tsx";
import { SearchField } from "../../parts/search-field.tsx";
import { BulkBar } from "./bulk-bar.tsx";
import { CostRange } from "./cost-range.tsx";
import { keysToCsv } from "./csv.ts";
import { useKeyActions } from "./key-actions.ts";
import { KeyTable } from "./key-table.tsx";
import classes from "./keys.module.css";

const filterNames = ["search", "state", "tag", "owner", "boundTo", "unusedDays", "minCostUsd", "maxCostUsd"] as const;
const names = [...filterNames, "sort", "order"] as const;
export type KeyFilters = Record<(typeof names)[number], string>;
export const keyStates = ["active", "disabled", "expired", "deleted", "all"] as const;

const noFilters = Object.fromEntries(filterNames.map((name) => [name, ""]));

export default function Keys() {
  const { t } = useTranslation();
  const [filters, set] = useFilters(names);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  // The row shows its mark at once; the bar comes with the frame after it.
  const barred = useDeferredValue(chosen);
  const { act, isBusy } = useAct();
  const query = useMemo(
    () => Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== "")) as unknown as KeyQuery,
    [filters],
  );
  const isFiltered = filterNames.some((name) => filters[name] !== "");
  const [total, setTotal] = useState(0);
  const exportAll = () =>
    act(async (tell) => saveCsv("api-keys.csv", keysToCsv(await readAllKeys(query, tell))), t("keys.exported"));
  const none = isFiltered ? (
    <Empty
      icon={<Search size={20} />}
      title={t(filters.unusedDays ? "review.none" : "common.noMatch")}
      action={
        <Button variant="default" onClick={() => set(noFilters)}>
          {t("common.clearFilters")}
        </Button>
      }
    />
  ) : (
    <Empty
      icon={<KeyRound size={20} />}
      title={t("keys.none")}
      action={
        <Button component={Link} href="/keys/new" leftSection={<Plus size={16} />}>
          {t("common.createKey")}
        </Button>
      }
    >
      {t("keys.noneNote")}
    </Empty>
  );
  return (
    <Page
      title={t("places.keys")}
      note={t("keys.note")}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<Download size={15} />}
            loading={isBusy}
            onClick={() => void exportAll()}
            disabled={total === 0}
          >
            {t("keys.export")}
          </Button>
          <Button component={Link} href="/keys/new" leftSection={<Plus size={16} />}>
            {t("common.createKey")}
          </Button>
        </>
      }
    >
      {(total > 0 || isFiltered) && <Tools filters={filters} set={set} total={total} />}
      {filters.unusedDays !== "" && <Unused days={Number(filters.unusedDays)} query={query} total={total} />}
      {barred.size > 0 && <BulkBar chosen={barred} choose={setChosen} query={query} total={total} />}
      <KeyTable
        query={query}
        sortBy={(sort, order) => set({ sort, order })}
        chosen={chosen}
        choose={setChosen}
        none={none}
        tellTotal={setTotal}
      />
    </Page>
  );
}

interface UnusedProps {
  readonly days: number;
  readonly query: KeyQuery;
  readonly total: number;
}

/** What is under review, and the way to disable all of it, which can be undone. */
function Unused({ days, query, total }: UnusedProps) {
  const { t } = useTranslation();
  const { turn } = useKeyActions();
  const { act, isBusy } = useAct();
  const disable = () =>
    act(async (tell) => {
      const enabled = (await readAllKeys(query, tell)).filter(({ state }) => state !== "disabled");
      await turn(
        enabled.map(({ id }) => id),
        false,
      );
    });
  return (
    <Group mb="sm" gap="sm">
      <Text c="dimmed" size="sm">
        {t("review.unusedNote", { count: days })}
      </Text>
      {total > 0 && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Ban size={14} />}
          loading={isBusy}
          onClick={() => void disable()}
        >
          {t("keys.disableAll", { count: total })}
        </Button>
      )}
    </Group>
  );
}

interface ToolsProps {
  readonly filters: KeyFilters;
  readonly set: (next: Partial<KeyFilters>) => void;
  readonly total: number;
}

function Tools({ filters, set, total }: ToolsProps) {
  const { t } = useTranslation();
  const tags = useKeyTags();
  return (
    <div className={classes.tools}>
      <SearchField label={t("keys.search")} value={filters.search} tell={(search) => set({ search })} />
      <Select
        aria-label={t("common.state")}
        placeholder={t("common.anyState")}
        clearable
        w={150}
        value={filters.state || null}
        data={keyStates.map((value) => ({ value, label: t(`keys.states.${value}`) }))}
        onChange={(state) => set({ state: state ?? "" })}
      />
      {(tags.data?.total ?? 0) > 0 && (
        <Select
          aria-label={t("keys.tag")}
          placeholder={t("keys.anyTag")}
          clearable
          searchable
          w={170}
          value={filters.tag || null}
          data={tags.data?.items.map(({ tag, keys }) => ({ value: tag, label: `${tag} (${keys})` })) ?? []}
          onChange={(tag) => set({ tag: tag ?? "" })}
        />
      )}
      <CostRange
        min={filters.minCostUsd}
        max={filters.maxCostUsd}
        set={([minCostUsd, maxCostUsd]) => set({ minCostUsd, maxCostUsd })}
      />
      <Review filters={filters} set={set} />
      <span className={classes.count} role="status">
        {t("keys.total", { count: total })}
      </span>
    </div>
  );
}

/** The keys that nobody used for long, and those that are bound to one group or account. */
function Review({ filters, set }: Pick<ToolsProps, "filters" | "set">) {
  const { t } = useTranslation();
  const settings = useSettings();
  const groups = useGroups();
  const count = Number(filters.unusedDays) || settings.data?.unusedDays;
  const bound = groups.data?.items.find(({ id }) => filters.boundTo === `group:${id}`)?.name ?? filters.boundTo;
  const isOn = filters.unusedDays !== "";
  return (
    <>
      {count !== undefined && (
        <Button
          variant={isOn ? "light" : "default"}
          aria-pressed={isOn}
          leftSection={<Hourglass size={15} />}
          onClick={() =>
            set(
              isOn
                ? { unusedDays: "", sort: "", order: "" }
                : { unusedDays: String(count), sort: "lastUsedAt", order: "asc" },
            )
          }
        >
          {t("review.unused", { count })}
        </Button>
      )}
      {filters.boundTo !== "" && (
        <Button variant="light" rightSection={<X size={15} />} onClick={() => set({ boundTo: "" })}>
          {t("review.bound", { name: bound })}
        </Button>
      )}
    </>
  );
}
