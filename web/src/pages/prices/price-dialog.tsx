import { Button, NumberInput, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Price, PriceDraft } from "../../api/settings.ts";
import { resetPrice, setPrice } from "../../api/settings.ts";
import { useAct } from "../../parts/act.ts";
import { Dialog } from "../../parts/dialog.tsx";
import rows from "../../parts/rows.module.css";
import { useTell } from "../../parts/tell.tsx";

const rates = {
  inputUsd: "input",
  outputUsd: "output",
  cacheReadUsd: "cacheRead",
  cacheWrite5mUsd: "cacheWrite5m",
  cacheWrite1hUsd: "cacheWrite1h",
  webSearchUsd: "webSearch",
} as const;
type Rate = keyof typeof rates;
type Values = Record<Rate, number | null>;

const valuesOf = (price: Partial<Price>) =>
  Object.fromEntries((Object.keys(rates) as Rate[]).map((name) => [name, price[name] ?? null])) as Values;

const draftOf = (model: string, { inputUsd, outputUsd, ...others }: Values): PriceDraft => ({
  ...others,
  model,
  inputUsd: inputUsd ?? 0,
  outputUsd: outputUsd ?? 0,
});

/** The operator's own price of a model: from what it costs now, or from nothing. */
export function PriceDialog({ price, close }: { readonly price: Partial<Price>; readonly close: () => void }) {
  const { t } = useTranslation();
  const tell = useTell();
  const { act, isBusy } = useAct();
  const [model, setModel] = useState(price.model ?? "");
  const initial = valuesOf(price);
  const [values, setValues] = useState(initial);
  const name = model.trim();
  const { inputUsd, outputUsd } = values;
  const before = draftOf(name, initial);
  const save = async () => {
    await setPrice(draftOf(name, values));
    tell.done(t("prices.saved", { model: name }), { run: () => (price.isOwn ? setPrice(before) : resetPrice(name)) });
  };
  const reset = async () => {
    const undo = { run: () => setPrice(before) };
    if (await act(() => resetPrice(name), t("prices.wasReset", { model: name }), undo)) close();
  };
  const isClaude = name.toLowerCase().includes("claude");
  const placeholderOf = (rate: Rate): string => {
    if (rate === "inputUsd" || rate === "outputUsd" || rate === "webSearchUsd") return "0";
    if (isClaude && rate === "cacheWrite5mUsd") return t("prices.asClaude");
    if (isClaude && rate === "cacheWrite1hUsd") return t("prices.asClaude1h");
    return t("prices.asInput");
  };
  return (
    <Dialog
      title={price.model ? t("prices.editOf", { model: price.model }) : t("prices.set")}
      submit={t("common.save")}
      close={close}
      save={save}
      isReady={name !== "" && inputUsd !== null && outputUsd !== null}
      beside={
        price.isOwn && (
          <Button variant="subtle" color="red" mr="auto" loading={isBusy} onClick={() => void reset()}>
            {t(price.listed ? "prices.reset" : "prices.resetOwn")}
          </Button>
        )
      }
    >
      {price.model === undefined && (
        <TextInput
          data-autofocus
          label={t("prices.model")}
          description={t("prices.modelNote")}
          value={model}
          maxLength={200}
          onChange={(event) => setModel(event.currentTarget.value)}
        />
      )}
      <div className={rows.fields} style={{ marginTop: 0 }}>
        {(Object.keys(rates) as Rate[]).map((rate) => (
          <NumberInput
            key={rate}
            label={t(`prices.${rates[rate]}`)}
            placeholder={placeholderOf(rate)}
            prefix="$"
            min={0}
            max={100_000}
            decimalScale={6}
            allowNegative={false}
            hideControls
            value={values[rate] ?? ""}
            onChange={(next) => setValues({ ...values, [rate]: next === "" ? null : Number(next) })}
          />
        ))}
      </div>
      <Text c="dimmed" size="sm">
        {t("prices.holds")}
      </Text>
    </Dialog>
  );
}
