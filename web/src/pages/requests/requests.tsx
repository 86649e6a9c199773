import { Button, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { RotateCw, Search } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAccounts } from "../../api/accounts.ts";
import type { RequestQuery } from "../../api/usage.ts";
import { useFilters } from "../../parts/filters.ts";
import { Page } from "../../parts/page.tsx";
import { Recent } from "./recent.tsx";
import classes from "./requests.module.css";

const names = ["search", "outcome", "status", "account", "model", "key"] as const;
const outcomes = ["complete", "gone", "broken", "failed", "refused"] as const;
const statuses = ["2xx", "4xx", "429", "5xx", "529"] as const;

/** Every call that the log still has, and why each went as it did. */
export default function Requests() {
  const { t } = useTranslation();
  const [filters, set] = useFilters(names);
  const client = useQueryClient();
  const query = useMemo(
    () => Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== "")) as RequestQuery,
    [filters],
  );
  return (
    <Page
      title={t("places.requests")}
      note={t("requests.note")}
      actions={
        <Button
          variant="default"
          leftSection={<RotateCw size={15} />}
          onClick={() => void client.resetQueries({ queryKey: ["usage", "requests"] })}
        >
          {t("requests.refresh")}
        </Button>
      }
    >
      <Tools filters={filters} set={set} />
      <Recent query={query} />
    </Page>
  );
}

type Filters = Record<(typeof names)[number], string>;

function Tools({ filters, set }: { readonly filters: Filters; readonly set: (next: Partial<Filters>) => void }) {
  const { t } = useTranslation();
  const accounts = useAccounts();
  const text = (name: "search" | "model", width: number) => (
    <Typed label={t(`requests.${name}`)} value={filters[name]} width={width} tell={(value) => set({ [name]: value })} />
  );
  return (
    <div className={classes.tools}>
      {text("search", 220)}
      {text("model", 200)}
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
        aria-label={t("accounts.account")}
        placeholder={t("requests.anyAccount")}
        clearable
        searchable
        w={190}
        value={filters.account || null}
        data={(accounts.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(account) => set({ account: account ?? "" })}
      />
      {filters.key && (
        <Button variant="default" onClick={() => set({ key: "" })}>
          {t("requests.oneKey")} ✕
        </Button>
      )}
    </div>
  );
}

interface TypedProps {
  readonly label: string;
  readonly value: string;
  readonly width: number;
  readonly tell: (value: string) => void;
}

/** Text that is asked for once one has stopped typing. */
function Typed({ label, value, width, tell }: TypedProps) {
  const [shown, setShown] = useState(value);
  const late = useDebouncedCallback(tell, 300);
  return (
    <TextInput
      w={width}
      aria-label={label}
      placeholder={label}
      leftSection={<Search size={15} />}
      value={shown}
      onChange={(event) => {
        setShown(event.currentTarget.value);
        late(event.currentTarget.value);
      }}
    />
  );
}
