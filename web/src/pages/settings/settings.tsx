import { Alert, Button, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Retention, Settings as Shape } from "../../api/settings.ts";
import { putRetention, updateSettings, useRetention, useSettings } from "../../api/settings.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { Page } from "../../parts/page.tsx";
import { useReason } from "../../parts/reason.ts";
import rows from "../../parts/rows.module.css";
import { useTell } from "../../parts/tell.tsx";

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

interface SectionProps<T> {
  readonly title: string;
  readonly note?: string;
  readonly initial: T;
  readonly save: (values: T) => Promise<unknown>;
  readonly children: (values: T, set: (change: Partial<T>) => void) => ReactNode;
}

/** Settings that are saved together, once one of them differs. */
function Section<T extends object>({ title, note, initial, save, children }: SectionProps<T>) {
  const { t } = useTranslation();
  const tell = useTell();
  const reason = useReason();
  const [changed, setChanged] = useState<Partial<T>>({});
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const values = { ...initial, ...changed };
  const isSame = JSON.stringify(values) === JSON.stringify(initial);
  const send = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await save(values);
      setChanged({});
      tell.done(t("settings.saved"));
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  const told = error === undefined ? undefined : reason(error);
  return (
    <form
      className="card"
      style={{ padding: 24 }}
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <h2 className={rows.head}>{title}</h2>
      {note && (
        <Text c="dimmed" size="sm">
          {note}
        </Text>
      )}
      <div className={rows.fields} style={{ marginTop: 16 }}>
        {children(values, (change) => setChanged({ ...changed, ...change }))}
      </div>
      {told && (
        <Alert color="red" role="alert" title={told.title} mt="md">
          {told.detail}
        </Alert>
      )}
      <Button type="submit" mt="lg" loading={isBusy} disabled={isSame}>
        {t("common.save")}
      </Button>
    </form>
  );
}

interface WholeProps {
  readonly label: string;
  readonly description?: string;
  readonly least: number;
  readonly most: number;
  readonly value: number;
  readonly put: (value: number) => void;
}

function Whole({ least, most, put, ...rest }: WholeProps) {
  return (
    <NumberInput
      {...rest}
      min={least}
      max={most}
      allowDecimal={false}
      allowNegative={false}
      thousandSeparator=","
      clampBehavior="blur"
      hideControls
      onChange={(next) => put(Number(next) || least)}
    />
  );
}

function General({ settings }: { readonly settings: Shape }) {
  const { t } = useTranslation();
  const { publicUrl, monthlyCommands, unusedDays, environment } = settings;
  return (
    <Section
      title={t("settings.general")}
      initial={{ publicUrl, monthlyCommands, unusedDays }}
      save={(values) => updateSettings({ ...values, publicUrl: values.publicUrl?.replace(/\/+$/, "") || null })}
    >
      {(values, set) => (
        <>
          <TextInput
            style={{ gridColumn: "1 / -1" }}
            type="url"
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
        </>
      )}
    </Section>
  );
}

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
      {(values, set) =>
        limits.map((name) => {
          const isCost = name.endsWith("Usd");
          return (
            <NumberInput
              key={name}
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
        })
      }
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
  return (
    <Section title={t("settings.retention")} note={t("settings.retentionNote")} initial={retention} save={putRetention}>
      {(values, set) =>
        kept.map(([name, least, most]) => (
          <Whole
            key={name}
            label={t(`settings.${name}`)}
            least={least}
            most={most}
            value={values[name]}
            put={(next) => set({ [name]: next })}
          />
        ))
      }
    </Section>
  );
}
