import { Alert, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Retention, Settings as Shape } from "../../api/settings.ts";
import { putRetention, updateSettings, useRetention, useSettings } from "../../api/settings.ts";
import { ask } from "../../parts/ask.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { useFormat } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
import rows from "../../parts/rows.module.css";
import { Section, Whole } from "../../parts/section.tsx";

/** What an operator may set without the environment. */
export default function Settings() {
  const { t } = useTranslation();
  const settings = useSettings();
  const retention = useRetention();
  const failed = [settings, retention].find(({ isError, data }) => isError && !data);
  const zone = settings.data?.environment.timeZone;
  return (
    <Page isNarrow title={t("places.settings")} note={t("settings.note")}>
      {failed ? (
        <div className="card">
          <Failing error={failed.error} retry={() => void failed.refetch()} />
        </div>
      ) : settings.data && retention.data ? (
        <Stack gap="lg">
          {!settings.data.environment.usageStatistics && <Alert color="yellow">{t("settings.uncounted")}</Alert>}
          <General settings={settings.data} />
          <KeyDefaults defaults={settings.data.keyDefaults} />
          <Kept retention={retention.data} />
          {zone && <Text c="dimmed">{t("settings.environment", { zone })}</Text>}
        </Stack>
      ) : (
        <div className="card">
          <Loading rows={5} height={64} />
        </div>
      )}
    </Page>
  );
}

function General({ settings }: { readonly settings: Shape }) {
  const { t } = useTranslation();
  const { publicUrl, monthlyCommands, unusedDays, environment } = settings;
  return (
    <Section
      title={t("settings.general")}
      initial={{ publicUrl, monthlyCommands, unusedDays }}
      check={(values) => (isWebAddress(values.publicUrl) ? {} : { publicUrl: t("settings.notUrl") })}
      save={(values) => updateSettings({ ...values, publicUrl: values.publicUrl?.replace(/\/+$/, "") || null })}
    >
      {({ values, set, errorOf }) => (
        <div className={rows.fields}>
          <TextInput
            className={rows.wide}
            type="url"
            error={errorOf("publicUrl")}
            label={t("settings.publicUrl")}
            description={t("settings.publicUrlNote", { fallback: environment.publicUrl ?? location.origin })}
            placeholder={environment.publicUrl ?? location.origin}
            value={values.publicUrl ?? ""}
            maxLength={500}
            onChange={(event) => set({ publicUrl: event.currentTarget.value.trim() || null })}
          />
          <Whole
            label={t("settings.monthlyCommands")}
            description={t("settings.monthlyCommandsNote")}
            least={1}
            most={1_000_000_000_000}
            value={values.monthlyCommands}
            put={(next) => set({ monthlyCommands: next })}
          />
          <Whole
            label={t("settings.unusedDays")}
            description={t("settings.unusedDaysNote")}
            least={1}
            most={3_650}
            value={values.unusedDays}
            put={(next) => set({ unusedDays: next })}
          />
        </div>
      )}
    </Section>
  );
}

const isWebAddress = (value: string | null) => value === null || /^https?:\/\/[^\s/@]+(\/\S*)?$/.test(value);

const limits = ["dailyCostUsd", "weeklyCostUsd", "totalCostUsd", "concurrency", "totalTokens"] as const;

function KeyDefaults({ defaults }: { readonly defaults: Shape["keyDefaults"] }) {
  const { t } = useTranslation();
  return (
    <Section
      title={t("settings.keyDefaults")}
      note={t("settings.keyDefaultsNote")}
      initial={defaults}
      save={(keyDefaults) => updateSettings({ keyDefaults })}
    >
      {({ values, set, errorOf }) => (
        <div className={rows.fields}>
          {limits.map((name) => {
            const isCost = name.endsWith("Usd");
            return (
              <NumberInput
                key={name}
                error={errorOf(name)}
                label={t(`settings.${name}`)}
                placeholder={t("keys.noLimit")}
                min={0}
                max={name === "concurrency" ? 10_000 : undefined}
                allowNegative={false}
                allowDecimal={isCost}
                decimalScale={isCost ? 9 : 0}
                {...(isCost ? { prefix: "$" } : { thousandSeparator: "," })}
                hideControls
                value={values[name] === 0 ? "" : values[name]}
                onChange={(next) => set({ [name]: Number(next) || 0 })}
              />
            );
          })}
        </div>
      )}
    </Section>
  );
}

const kept = [
  ["logDays", 1, 400],
  ["logEvents", 1_000, 5_000_000],
  ["dayRows", 31, 3_660],
  ["hourRows", 2, 366],
] as const;

function Kept({ retention }: { readonly retention: Retention }) {
  const { t } = useTranslation();
  const format = useFormat();
  const save = async (values: Retention) => {
    const isLess = kept.some(([name]) => values[name] < retention[name]);
    const question = { title: t("settings.less"), body: t("settings.lessNote"), confirm: t("settings.lessConfirm") };
    return isLess && !(await ask({ ...question, isDangerous: true })) ? false : putRetention(values);
  };
  return (
    <Section title={t("settings.retention")} note={t("settings.retentionNote")} initial={retention} save={save}>
      {({ values, set }) => (
        <div className={rows.fields}>
          {kept.map(([name, least, most]) => (
            <Whole
              key={name}
              label={t(`settings.${name}`)}
              description={t("settings.between", { least: format.number(least), most: format.number(most) })}
              least={least}
              most={most}
              value={values[name]}
              put={(next) => set({ [name]: next })}
            />
          ))}
        </div>
      )}
    </Section>
  );
}
