import { Badge, Button, SegmentedControl } from "@mantine/core";
import { CircleDollarSign, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Price } from "../../api/settings.ts";
import { usePrices } from "../../api/settings.ts";
import { Empty, Failing, Loading } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { useFormat } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
import { ActionsHead, type Column, Table } from "../../parts/table.tsx";
import rows from "../../parts/rows.module.css";
import { SearchField } from "../../parts/search-field.tsx";
import { PriceDialog } from "./price-dialog.tsx";
import { Unpriced } from "./unpriced.tsx";

const names = ["search", "of"] as const;

/** What models cost: the operator's own prices, the table, and models that have none. */
export default function Prices() {
  const { t } = useTranslation();
  const [filters, set] = useFilters(names);
  const [edited, setEdited] = useState<Partial<Price>>();
  const of = filters.of === "own" ? "own" : "all";
  const prices = usePrices(filters.search, of);
  const first = prices.data?.pages[0];
  const items = prices.data?.pages.flatMap((page) => page.items) ?? [];
  const create = (
    <Button leftSection={<Plus size={16} />} onClick={() => setEdited({})}>
      {t("prices.set")}
    </Button>
  );
  return (
    <Page
      title={t("places.prices")}
      note={first && t("prices.note", { date: first.madeOn, source: first.source })}
      actions={create}
    >
      <Unpriced set={(model) => setEdited({ model })} />
      <Tools
        search={filters.search}
        of={of}
        set={set}
        own={first?.own ?? 0}
        total={first?.total}
        shown={items.length}
      />
      <div className="card">
        {prices.isPending && <Loading />}
        {prices.isError && !prices.data && <Failing error={prices.error} retry={() => void prices.refetch()} />}
        {first?.total === 0 && (
          <Empty
            icon={<CircleDollarSign size={20} />}
            title={filters.search ? t("common.noMatch") : t("prices.none")}
            action={filters.search ? <ClearButton clear={() => set({ search: "", of: "" })} /> : create}
          >
            {filters.search ? undefined : t("prices.noneNote")}
          </Empty>
        )}
        {items.length > 0 && <PriceTable items={items} edit={setEdited} />}
        {prices.hasNextPage && (
          <div className={rows.more}>
            <Button variant="default" loading={prices.isFetchingNextPage} onClick={() => void prices.fetchNextPage()}>
              {t("prices.more")}
            </Button>
          </div>
        )}
      </div>
      {edited && <PriceDialog price={edited} close={() => setEdited(undefined)} />}
    </Page>
  );
}

function ClearButton({ clear }: { readonly clear: () => void }) {
  const { t } = useTranslation();
  return (
    <Button variant="default" onClick={clear}>
      {t("common.clearFilters")}
    </Button>
  );
}

interface ToolsProps {
  readonly search: string;
  readonly of: string;
  readonly own: number;
  readonly total: number | undefined;
  readonly shown: number;
  readonly set: (next: { search?: string; of?: string }) => void;
}

function Tools({ search, of, own, total, shown, set }: ToolsProps) {
  const { t } = useTranslation();
  return (
    <div className={rows.tools}>
      <SearchField label={t("prices.search")} value={search} tell={(value) => set({ search: value })} />
      <SegmentedControl
        aria-label={t("prices.which")}
        value={of}
        onChange={(value) => set({ of: value === "own" ? "own" : "" })}
        data={[
          { value: "all", label: t("prices.of.all") },
          { value: "own", label: t("prices.of.own", { count: own }) },
        ]}
      />
      {total !== undefined && (
        <span className={rows.count} role="status">
          {t("prices.shown", { shown, total })}
        </span>
      )}
    </div>
  );
}

function PriceTable({ items, edit }: { readonly items: readonly Price[]; readonly edit: (price: Price) => void }) {
  const { t } = useTranslation();
  return (
    <Table
      id="prices"
      label={t("places.prices")}
      columns={useColumns(edit)}
      count={items.length}
      rowAt={(index) => items[index]}
      keyOf={(price) => `${String(price.isOwn)} ${price.model}`}
      rowHeight={46}
    />
  );
}

function useColumns(edit: (price: Price) => void): readonly Column<Price>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const rate = (name: "inputUsd" | "outputUsd" | "cacheReadUsd" | "cacheWrite5mUsd" | "cacheWrite1hUsd") => ({
    id: name,
    label: t(`prices.${name.slice(0, -"Usd".length) as "input"}`),
    isNumber: true,
    cell: ({ [name]: usd }: Price) => (usd === null ? "–" : format.rate(usd)),
  });
  return [
    { id: "name", label: t("prices.model"), width: 170, isName: true, cell: (price) => <Name price={price} /> },
    { ...rate("inputUsd"), width: 84 },
    { ...rate("outputUsd"), width: 84 },
    { ...rate("cacheReadUsd"), width: 110, leaves: 3 },
    { ...rate("cacheWrite5mUsd"), width: 130, leaves: 1 },
    { ...rate("cacheWrite1hUsd"), width: 130, leaves: 2 },
    {
      id: "actions",
      label: "",
      head: <ActionsHead />,
      width: 120,
      isNumber: true,
      cell: (price) => (
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          aria-label={t("prices.editOf", { model: price.model })}
          onClick={() => edit(price)}
        >
          {t("prices.edit")}
        </Button>
      ),
    },
  ];
}

function Name({ price }: { readonly price: Price }) {
  const { t } = useTranslation();
  return (
    <>
      <span className={rows.name}>
        {price.model}{" "}
        {price.isOwn && (
          <Badge size="xs" variant="light" radius="sm" tt="none">
            {t("prices.own")}
          </Badge>
        )}
      </span>
      <Beneath price={price} />
    </>
  );
}

/** What else there is to know: the table's rates of an own price, rates of long contexts. */
function Beneath({ price }: { readonly price: Price }) {
  const { t } = useTranslation();
  const format = useFormat();
  const pair = (rates: { inputUsd: number; outputUsd: number }) => ({
    input: format.rate(rates.inputUsd),
    output: format.rate(rates.outputUsd),
  });
  const words = price.longContext.map((long) =>
    t("prices.above", { tokens: format.compact(long.aboveTokens), ...pair(long) }),
  );
  if (price.isOwn) words.unshift(price.listed ? t("prices.listed", pair(price.listed)) : t("prices.notListed"));
  if (words.length === 0) return null;
  return <span className={rows.sub}>{words.join(" · ")}</span>;
}
