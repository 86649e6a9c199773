import { Alert, Button, Progress, Select } from "@mantine/core";
import { Scale } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "@tanstack/react-query";
import { useDebouncedValue } from "@mantine/hooks";
import { api, take } from "../../api/client.ts";
import type { Limited } from "../../api/maintenance.ts";
import { useFormat } from "../../parts/format.ts";
import { useReason } from "../../parts/reason.ts";
import rows from "../../parts/rows.module.css";
import { DriftList } from "./drift-list.tsx";
import classes from "./maintenance.module.css";
import { type Checked, useCheck } from "./use-check.ts";

/** Compares what the meters of keys read with what their calls add up to, key by key, and sets right what differs. */
export function Drift() {
  const { t } = useTranslation();
  const [key, setKey] = useState<Limited>();
  const { checked, start, stop, replace } = useCheck();
  return (
    <section className="card" aria-labelledby="drift">
      <div className={rows.top}>
        <div>
          <h2 id="drift" className={rows.head}>
            {t("drift.title")}
          </h2>
          <p>{t("drift.note")}</p>
        </div>
      </div>
      <div className={classes.form}>
        <KeyChoice value={key} put={setKey} />
        <Button leftSection={<Scale size={16} />} loading={checked?.isRunning ?? false} onClick={() => void start(key)}>
          {t(key ? "drift.checkOne" : "drift.checkAll")}
        </Button>
        {checked?.isRunning && (
          <Button variant="default" onClick={stop}>
            {t("drift.stop")}
          </Button>
        )}
      </div>
      {checked && <Outcome checked={checked} />}
      {checked && <DriftList found={checked.found} replace={replace} />}
    </section>
  );
}

function Outcome({ checked: { isRunning, done, total, found, error } }: { readonly checked: Checked }) {
  const { t } = useTranslation();
  const format = useFormat();
  const told = useReason()(error);
  if (error !== undefined)
    return (
      <Alert className={classes.told} color="red" role="alert" title={told.title}>
        {told.detail}
      </Alert>
    );
  const off = found.filter(({ drift }) => drift.isOff && !drift.isMended).length;
  const counts = { done: format.number(done), total: format.number(total ?? 0) };
  if (isRunning)
    return (
      <div className={classes.progress} role="status">
        <Progress aria-label={t("drift.progress", counts)} value={total ? (done / total) * 100 : 0} animated />
        <p>{total === undefined ? t("drift.looking") : t("drift.progress", counts)}</p>
      </div>
    );
  if (found.some(({ drift }) => drift.isMended) && off === 0) return null;
  return (
    <Alert className={classes.told} color={off === 0 ? "teal" : "yellow"} role="status">
      {off === 0 ? t("drift.right", { count: done, done: counts.done }) : t("drift.off", { count: off })}
    </Alert>
  );
}

interface ChoiceProps {
  readonly value: Limited | undefined;
  readonly put: (value: Limited | undefined) => void;
}

/** One key, found by the server, or none: all. */
function KeyChoice({ value, put }: ChoiceProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed, 250);
  const keys = useQuery({
    queryKey: ["keys", "find", search],
    queryFn: () => take(api.GET("/admin/keys", { params: { query: { search, pageSize: 8 } } })),
  });
  const items = keys.data?.items ?? [];
  const all: readonly Limited[] = value && !items.some(({ id }) => id === value.id) ? [value, ...items] : items;
  return (
    <Select
      searchable
      clearable
      label={t("drift.key")}
      placeholder={t("drift.allKeys")}
      nothingFoundMessage={t("finder.nothing")}
      // The server has searched already, by more than the name.
      filter={({ options }) => options}
      data={all.map(({ id, name }) => ({ value: id, label: name }))}
      value={value?.id ?? null}
      searchValue={typed}
      onSearchChange={setTyped}
      onChange={(id) => put(all.find((each) => each.id === id))}
    />
  );
}
