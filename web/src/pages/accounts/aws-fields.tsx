import { PasswordInput, Stack, TextInput } from "@mantine/core";
import type { ChangeEvent } from "react";
import { useTranslation } from "react-i18next";

export interface Aws {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export const noAws: Aws = { accessKeyId: "", secretAccessKey: "", sessionToken: "" };

export function AwsFields({ value, onChange }: { readonly value: Aws; readonly onChange: (value: Aws) => void }) {
  const { t } = useTranslation();
  const set = (field: keyof Aws) => (event: ChangeEvent<HTMLInputElement>) => onChange({ ...value, [field]: event.currentTarget.value.trim() });
  const eye = { "aria-label": t("common.showSecret") };
  return (
    <Stack>
      <TextInput label={t("accounts.awsId")} autoComplete="off" value={value.accessKeyId} onChange={set("accessKeyId")} />
      <PasswordInput label={t("accounts.awsSecret")} autoComplete="off" value={value.secretAccessKey} onChange={set("secretAccessKey")} visibilityToggleButtonProps={eye} />
      <PasswordInput
        label={t("accounts.awsSession")}
        description={t("accounts.awsSessionNote")}
        autoComplete="off"
        value={value.sessionToken}
        onChange={set("sessionToken")}
        visibilityToggleButtonProps={eye}
      />
    </Stack>
  );
}
