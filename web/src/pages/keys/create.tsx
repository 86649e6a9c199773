import { Button, Group, NumberInput, SegmentedControl, Text } from "@mantine/core";
import { Download } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { TFunction } from "i18next";
import type { Key, KeyWithSecret } from "../../api/keys.ts";
import { createKey, createKeys, useKey } from "../../api/keys.ts";
import { useSettings } from "../../api/settings.ts";
import { Loading } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { Page } from "../../parts/page.tsx";
import { UseIt } from "../start/use-it.tsx";
import { saveCsv } from "../../parts/download.ts";
import { toCsv } from "./csv.ts";
import type { Settings } from "./fields.ts";
import { blank, changesBetween, settingsOf } from "./fields.ts";
import { KeyForm } from "./key-form.tsx";
import { Secret } from "./secret.tsx";

/** The form begins with the limits that new keys have by the settings, or with those of the key that is duplicated. */
export default function CreateKey() {
  const { t } = useTranslation();
  const settings = useSettings();
  const [{ from }] = useFilters(["from"]);
  const source = useKey(from);
  if (settings.isLoading || source.isLoading) return <Loading />;
  const given = { ...blank, ...settings.data?.keyDefaults };
  return <Create given={given} initial={source.data ? copyOf(source.data, t) : given} />;
}

/** All that is set on a key, under another name; a date that is over is not taken along. */
function copyOf(key: Key, t: TFunction): Settings {
  const { expiresAt, ...rest } = settingsOf(key);
  const isOver = expiresAt !== null && expiresAt <= Date.now();
  return { ...rest, expiresAt: isOver ? null : expiresAt, name: t("keys.copyName", { name: key.name }) };
}

/** `given`: what a key has of which nothing is said. */
function Create({ given, initial }: { readonly given: Settings; readonly initial: Settings }) {
  const { t } = useTranslation();
  const [made, setMade] = useState<readonly KeyWithSecret[]>([]);
  const [isMany, setMany] = useState(false);
  const [count, setCount] = useState(10);
  const [first] = made;
  if (first) return <Made keys={made} first={first} again={() => setMade([])} />;
  return (
    <Page title={t("common.createKey")} note={t("keys.createNote")} back={{ href: "/keys", label: t("places.keys") }}>
      <Group mb="md">
        <SegmentedControl
          aria-label={t("keys.howMany")}
          value={isMany ? "many" : "one"}
          onChange={(value) => setMany(value === "many")}
          data={[
            { value: "one", label: t("keys.one") },
            { value: "many", label: t("keys.many") },
          ]}
        />
        {isMany && (
          <NumberInput
            w={110}
            min={1}
            max={500}
            allowDecimal={false}
            aria-label={t("keys.howMany")}
            value={count}
            onChange={(value) => setCount(Number(value) || 1)}
          />
        )}
        {isMany && (
          <Text c="dimmed" size="sm">
            {t("keys.manyNote")}
          </Text>
        )}
      </Group>
      <KeyForm
        initial={initial}
        submit={isMany ? t("keys.createCount", { count }) : t("common.createKey")}
        save={async (settings) => {
          const draft = { ...changesBetween(given, settings), name: settings.name.trim() };
          setMade(isMany ? (await createKeys({ ...draft, count })).items : [await createKey(draft)]);
        }}
      />
    </Page>
  );
}

interface MadeProps {
  readonly keys: readonly KeyWithSecret[];
  readonly first: KeyWithSecret;
  readonly again: () => void;
}

function Made({ keys, first, again }: MadeProps) {
  const { t } = useTranslation();
  const actions = (
    <>
      <Button variant="default" onClick={again}>
        {t("keys.createAnother")}
      </Button>
      <Button component={Link} href={keys.length === 1 ? `/keys/${first.id}` : "/keys"} variant="default">
        {t("common.done")}
      </Button>
    </>
  );
  if (keys.length > 1) {
    const csv = () =>
      saveCsv("api-keys.csv", toCsv([["name", "secret", "id"], ...keys.map((key) => [key.name, key.secret, key.id])]));
    return (
      <Page isNarrow title={t("keys.madeMany", { count: keys.length })} note={t("keys.onceMany")} actions={actions}>
        <Button leftSection={<Download size={16} />} onClick={csv}>
          {t("keys.downloadSecrets")}
        </Button>
      </Page>
    );
  }
  return (
    <Page isNarrow title={t("keys.made", { name: first.name })} note={t("keys.once")} actions={actions}>
      <Secret id={first.id} secret={first.secret} />
      <UseIt secret={first.secret} keyId={first.id} />
    </Page>
  );
}
