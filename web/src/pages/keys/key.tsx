import type { ReactNode } from "react";
import { Alert, Button, Tabs, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useParams } from "wouter";
import type { Key } from "../../api/keys.ts";
import { updateKey, useKey } from "../../api/keys.ts";
import { api, take } from "../../api/client.ts";
import { queryClient } from "../../api/query.ts";
import { useAct } from "../../parts/act.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { useFormat } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
import { State } from "../../parts/state.tsx";
import { useTell } from "../../parts/tell.tsx";
import accountClasses from "../accounts/accounts.module.css";
import { UseIt } from "../start/use-it.tsx";
import { describeKey } from "./describe.ts";
import { changesBetween, settingsOf } from "./fields.ts";
import { useKeyActions } from "./key-actions.ts";
import { KeyForm, Summary } from "./key-form.tsx";
import { KeyUsage } from "./key-usage.tsx";
import { KeyMenu } from "./key-menu.tsx";
import { FormerSecret, RotateSecret } from "./rotate.tsx";
import { tones } from "./key-table.tsx";
import classes from "./keys.module.css";

const names = ["tab"] as const;

export default function KeyPage() {
  const { t } = useTranslation();
  const { id = "" } = useParams<{ id: string }>();
  const key = useKey(id);
  const [{ tab }, set] = useFilters(names);
  const back = { href: "/keys", label: t("places.keys") };
  if (!key.data) {
    return (
      <Page title={t("keys.key")} back={back}>
        <div className="card">
          {key.isError ? <Failing error={key.error} retry={() => void key.refetch()} /> : <Loading />}
        </div>
      </Page>
    );
  }
  return (
    <Page title={key.data.name} back={back} note={<About apiKey={key.data} />} actions={<Actions apiKey={key.data} />}>
      {key.data.state === "deleted" && <Gone apiKey={key.data} />}
      {key.data.formerSecretUntil !== null && <FormerSecret id={id} until={key.data.formerSecretUntil} />}
      {key.data.leak && <Leak apiKey={key.data} leak={key.data.leak} />}
      <Tabs
        value={tab || "overview"}
        onChange={(next) => set({ tab: next === "overview" ? "" : (next ?? "") })}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          <Tabs.Tab value="overview">{t("keys.overview")}</Tabs.Tab>
          <Tabs.Tab value="about">{t("keys.about")}</Tabs.Tab>
          <Tabs.Tab value="settings">{t("keys.settings")}</Tabs.Tab>
          <Tabs.Tab value="use">{t("useIt.title")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview">
          <KeyUsage id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="about">
          <Overview apiKey={key.data} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <Settings apiKey={key.data} />
        </Tabs.Panel>
        <Tabs.Panel value="use">
          <UseIt keyId={id} prefix={key.data.prefix} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Actions({ apiKey }: { readonly apiKey: Key }) {
  return (
    <>
      {apiKey.state !== "deleted" && <RotateSecret apiKey={apiKey} />}
      <KeyMenu apiKey={apiKey} />
    </>
  );
}

/** What it is for and what it may do, in one line each. */
function About({ apiKey: key }: { readonly apiKey: Key }) {
  const { t } = useTranslation();
  const format = useFormat();
  const limits = describeKey(key, { t, format }).join(" · ");
  return (
    <>
      {key.description}
      {key.description !== "" && <br />}
      {limits || t("keys.unlimited")}
    </>
  );
}

function Leak({ apiKey, leak }: { readonly apiKey: Key; readonly leak: NonNullable<Key["leak"]> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { act, isBusy } = useAct();
  const forget = async () => {
    const path = { id: apiKey.id };
    const fresh = await take(api.DELETE("/admin/keys/{id}/leak", { params: { path } }));
    queryClient.setQueryData(["keys", "one", apiKey.id], fresh);
  };
  return (
    <Alert color="red" mb="md" title={t("leak.title")}>
      <Text mb="sm">{t("leak.detail", { count: leak.networks, at: format.time(leak.at) })}</Text>
      <Button size="xs" variant="default" loading={isBusy} onClick={() => void act(forget)}>
        {t("leak.forget")}
      </Button>
    </Alert>
  );
}

function Gone({ apiKey }: { readonly apiKey: Key }) {
  const { t } = useTranslation();
  const { restore, isBusy } = useKeyActions();
  return (
    <Alert color="red" mb="md" title={t("keys.isDeleted")}>
      <Button size="xs" variant="default" loading={isBusy} onClick={() => void restore([apiKey.id])}>
        {t("keys.restore")}
      </Button>
    </Alert>
  );
}

function Overview({ apiKey: key }: { readonly apiKey: Key }) {
  const { t } = useTranslation();
  const format = useFormat();
  const instant = (at: number | null) => (at === null ? "–" : format.time(at));
  const rows: [string, ReactNode][] = [
    [
      t("common.state"),
      <State key="state" tone={tones[key.state]}>
        {t(`keys.states.${key.state}`)}
      </State>,
    ],
    [t("keys.owner"), key.owner || "–"],
    [
      t("keys.secretBegins"),
      <span key="prefix" className="mono">
        {key.prefix}…
      </span>,
    ],
    [t("keyFields.tags.label"), key.tags.join(t("common.listJoiner")) || "–"],
    [t("keys.createdAt"), instant(key.createdAt)],
    [t("keys.firstUsedAt"), instant(key.firstUsedAt)],
    [t("keys.endsAt"), instant(key.endsAt)],
    [
      "ID",
      <span key="id" className="mono">
        {key.id}
      </span>,
    ],
  ];
  return (
    <div className={classes.split}>
      <dl className={`card ${accountClasses.dl}`} style={{ padding: 24 }}>
        {rows.map(([label, value]) => [<dt key={`${label}-name`}>{label}</dt>, <dd key={label}>{value}</dd>])}
      </dl>
      <aside className={`card ${classes.summary}`}>
        <Summary values={key} />
      </aside>
    </div>
  );
}

function Settings({ apiKey: key }: { readonly apiKey: Key }) {
  const { t } = useTranslation();
  const tell = useTell();
  const before = settingsOf(key);
  return (
    <KeyForm
      key={JSON.stringify(before)}
      initial={before}
      needsChange
      submit={t("common.save")}
      save={async (settings) => {
        const fresh = await updateKey(key.id, changesBetween(before, settings));
        queryClient.setQueryData(["keys", "one", key.id], fresh);
        tell.done(t("keys.saved", { name: fresh.name }), {
          run: () => updateKey(key.id, changesBetween(settings, before)),
        });
      }}
    />
  );
}
