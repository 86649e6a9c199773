import { Button, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAccounts } from "../../api/accounts.ts";
import { useFoundKeys, useKey } from "../../api/keys.ts";
import { useFormat } from "../../parts/format.ts";
import { SearchField } from "../../parts/search-field.tsx";
import classes from "./requests.module.css";

const chips = ["owner", "tag", "client", "session"] as const;
export const filterNames = ["search", "outcome", "status", "blame", "account", "model", "key", ...chips] as const;
export const timeNames = ["since", "until"] as const;
const outcomes = ["complete", "gone", "broken", "failed", "refused"] as const;
const blames = ["client", "capacity", "upstream", "config", "platform"] as const;
const statuses = ["2xx", "4xx", "429", "5xx", "529"] as const;

export type Filters = Record<(typeof filterNames)[number] | (typeof timeNames)[number], string>;

interface Props {
  readonly filters: Filters;
  readonly set: (next: Partial<Filters>) => void;
}

export function RequestFilters({ filters, set }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const accounts = useAccounts();
  return (
    <div className={classes.tools}>
      <SearchField label={t("requests.search")} value={filters.search} tell={(search) => set({ search })} />
      <SearchField label={t("requests.model")} value={filters.model} width={160} tell={(model) => set({ model })} />
      <Select
        aria-label={t("requests.outcome")}
        placeholder={t("requests.anyOutcome")}
        clearable
        w={160}
        value={filters.outcome || null}
        data={outcomes.map((value) => ({ value, label: t(`outcomes.${value}`) }))}
        onChange={(outcome) => set({ outcome: outcome ?? "" })}
      />
      <Select
        aria-label={t("requests.status")}
        placeholder={t("requests.anyStatus")}
        clearable
        w={130}
        value={filters.status || null}
        data={[...statuses]}
        onChange={(status) => set({ status: status ?? "" })}
      />
      <Select
        aria-label={t("requests.blame")}
        placeholder={t("requests.anyBlame")}
        clearable
        w={150}
        value={filters.blame || null}
        data={blames.map((value) => ({ value, label: t(`blames.${value}`) }))}
        onChange={(blame) => set({ blame: blame ?? "" })}
      />
      <Select
        aria-label={t("accounts.account")}
        placeholder={t("requests.anyAccount")}
        clearable
        searchable
        w={190}
        value={filters.account || null}
        data={(accounts.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(account) => set({ account: account ?? "" })}
      />
      <KeyChoice id={filters.key} choose={(key) => set({ key })} />
      {chips.map((name) =>
        filters[name] === "" ? null : (
          <Button key={name} variant="light" rightSection={<X size={15} />} onClick={() => set({ [name]: "" })}>
            {t(`ranking.of.${name}`)}: {filters[name]}
          </Button>
        ),
      )}
      {filters.since && filters.until && (
        <Button variant="light" rightSection={<X size={15} />} onClick={() => set({ since: "", until: "" })}>
          {t("log.part", {
            from: format.moment(Number(filters.since), Date.now()),
            to: format.moment(Number(filters.until), Date.now()),
          })}
        </Button>
      )}
    </div>
  );
}

/** One of perhaps ten thousand keys, found by the server. */
function KeyChoice({ id, choose }: { readonly id: string; readonly choose: (id: string) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed, 200);
  const chosen = useKey(id);
  const found = useFoundKeys(search);
  const name = id === "" ? undefined : (chosen.data?.name ?? id);
  const others = (found.data?.items ?? []).filter((key) => key.id !== id);
  return (
    <Select
      aria-label={t("keys.key")}
      placeholder={t("requests.anyKey")}
      clearable
      searchable
      w={190}
      value={id || null}
      data={[...(name === undefined ? [] : [{ value: id, label: name }])].concat(
        others.map((key) => ({ value: key.id, label: key.name })),
      )}
      filter={({ options }) => options}
      onSearchChange={(next) => setTyped(next === name ? "" : next)}
      onChange={(next) => choose(next ?? "")}
    />
  );
}
