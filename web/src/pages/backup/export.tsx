import { Alert, Button, Group, PasswordInput, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { Download, Dices } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { exportBackup } from "../../api/backup.ts";
import { Refused } from "../../api/refused.ts";
import { Copy } from "../../parts/copy.tsx";
import { saveFile } from "../../parts/download.ts";
import { useFormat } from "../../parts/format.ts";
import { useReason } from "../../parts/reason.ts";
import rows from "../../parts/rows.module.css";
import { Steps } from "../../parts/steps.tsx";
import { useSecondFactor } from "../settings/second-factor.tsx";
import { Choice } from "./choice.tsx";

export const shortest = 8;

/** Six groups of five letters and digits: 155 random bits, and none that is taken for another. */
function buildPassphrase(): string {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789";
  const random = crypto.getRandomValues(new Uint8Array(30));
  const text = [...random].map((byte) => letters[byte % letters.length]).join("");
  return (text.match(/.{5}/g) ?? []).join("-");
}

interface Made {
  readonly name: string;
  readonly bytes: number;
}

/** Writes a backup and hands it to the browser. */
export function Export({ mostBytes }: { readonly mostBytes: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { form, isMade, makePassphrase, submit, made, error } = useExport();
  const told = useReason()(error);
  const asksCode = useSecondFactor().data?.isOn ?? false;
  const eye = { "aria-label": t("common.showSecret") };
  const shown = isMade ? { visible: true } : {};
  return (
    <form className={`card ${rows.section ?? ""}`} aria-label={t("backup.export")} onSubmit={submit}>
      <h2 className={rows.head}>{t("backup.export")}</h2>
      <Text c="dimmed" size="sm">
        {t("backup.exportNote", { most: format.number(mostBytes / 1e6) })}
      </Text>
      <div className={rows.fields}>
        <Choice
          label={t("backup.what")}
          value={form.values.what}
          put={(what) => form.setFieldValue("what", what)}
          options={[
            { value: "whole", label: t("backup.whole"), note: t("backup.wholeNote") },
            { value: "sanitised", label: t("backup.sanitised"), note: t("backup.sanitisedNote") },
          ]}
        />
        <PasswordInput
          label={t("backup.passphrase")}
          description={t("backup.passphraseNote")}
          autoComplete="new-password"
          visibilityToggleButtonProps={eye}
          {...shown}
          {...form.getInputProps("passphrase")}
        />
        <PasswordInput
          label={t("backup.again")}
          autoComplete="new-password"
          visibilityToggleButtonProps={eye}
          {...shown}
          {...form.getInputProps("again")}
        />
        <Group className={rows.wide} gap="xs">
          <Button size="xs" variant="default" leftSection={<Dices size={15} />} onClick={makePassphrase}>
            {t("backup.make")}
          </Button>
          {isMade && <Copy text={form.values.passphrase} label={t("backup.copyPassphrase")} />}
          {isMade && (
            <Text size="sm" c="dimmed">
              {t("backup.madeNote")}
            </Text>
          )}
        </Group>
        {form.values.what === "whole" && (
          <PasswordInput
            label={t("backup.password")}
            description={t("backup.passwordNote")}
            autoComplete="current-password"
            visibilityToggleButtonProps={eye}
            {...form.getInputProps("password")}
          />
        )}
        {form.values.what === "whole" && asksCode && (
          <TextInput label={t("secondFactor.code")} autoComplete="one-time-code" {...form.getInputProps("code")} />
        )}
      </div>
      <div className={rows.outcome} aria-live="polite">
        {form.submitting && <Steps steps={[{ words: t("backup.writing"), state: "running" }]} />}
        {error !== undefined && (
          <Alert color="red" role="alert" title={told.title}>
            {told.detail}
          </Alert>
        )}
        {made && !form.submitting && (
          <Alert color="teal" title={t("backup.written")}>
            {t("backup.writtenNote", { name: made.name, size: format.number(Math.ceil(made.bytes / 1024)) })}
          </Alert>
        )}
      </div>
      <Button type="submit" mt="lg" leftSection={<Download size={16} />} loading={form.submitting}>
        {t("backup.exportNow")}
      </Button>
    </form>
  );
}

function useExport() {
  const { t } = useTranslation();
  const [isMade, setMade] = useState(false);
  const [made, setFile] = useState<Made>();
  const [error, setError] = useState<unknown>();
  const form = useForm({
    initialValues: { what: "whole", passphrase: "", again: "", password: "", code: "" },
    validate: {
      passphrase: (value) => (value.length < shortest ? t("backup.tooShort", { count: shortest }) : null),
      again: (value, values) => (value === values.passphrase ? null : t("profile.differs")),
      password: (value, values) => (values.what === "whole" && value === "" ? t("backup.passwordNeeded") : null),
    },
  });
  const makePassphrase = () => {
    const passphrase = buildPassphrase();
    form.setValues({ passphrase, again: passphrase });
    setMade(true);
  };
  const submit = form.onSubmit(async ({ what, passphrase, password, code }) => {
    setError(undefined);
    setFile(undefined);
    const sanitised = what === "sanitised";
    try {
      const proof = { password, ...(code === "" ? {} : { code: code.trim() }) };
      const { name, content } = await exportBackup({ passphrase, sanitised, ...(sanitised ? {} : proof) });
      saveFile(name, content);
      setFile({ name, bytes: content.size });
      form.setFieldValue("password", "");
      form.setFieldValue("code", "");
    } catch (refusal) {
      if (refusal instanceof Refused && refusal.field === "password")
        form.setFieldError("password", t("secondFactor.wrongPassword"));
      else setError(refusal);
    }
  });
  return { form, isMade, makePassphrase, submit, made, error };
}
