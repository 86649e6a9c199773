import { PasswordInput, SegmentedControl, Stack, TextInput } from "@mantine/core";
import type { ChangeEvent } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

export interface Aws {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly bearerToken: string;
}

export const noAws: Aws = { accessKeyId: "", secretAccessKey: "", sessionToken: "", bearerToken: "" };

export const isComplete = ({ accessKeyId, secretAccessKey, bearerToken }: Aws) =>
  bearerToken !== "" || (accessKeyId !== "" && secretAccessKey !== "");

/** An access key of IAM, or a Bedrock API key instead. */
export function AwsFields({ value, onChange }: { readonly value: Aws; readonly onChange: (value: Aws) => void }) {
  const { t } = useTranslation();
  const [way, setWay] = useState("pair");
  const set = (field: keyof Aws) => (event: ChangeEvent<HTMLInputElement>) =>
    onChange({ ...value, [field]: event.currentTarget.value.trim() });
  const shared = { autoComplete: "off", visibilityToggleButtonProps: { "aria-label": t("common.showSecret") } };
  return (
    <Stack>
      <SegmentedControl
        aria-label={t("accounts.credential")}
        value={way}
        onChange={(next) => {
          setWay(next);
          onChange(noAws);
        }}
        data={[
          { value: "pair", label: t("accounts.awsPair") },
          { value: "bearer", label: t("accounts.awsBearer") },
        ]}
      />
      {way === "bearer" ? (
        <PasswordInput
          {...shared}
          label={t("accounts.awsBearer")}
          value={value.bearerToken}
          onChange={set("bearerToken")}
        />
      ) : (
        <>
          <TextInput
            label={t("accounts.awsId")}
            autoComplete="off"
            value={value.accessKeyId}
            onChange={set("accessKeyId")}
          />
          <PasswordInput
            {...shared}
            label={t("accounts.awsSecret")}
            value={value.secretAccessKey}
            onChange={set("secretAccessKey")}
          />
          <PasswordInput
            {...shared}
            label={t("accounts.awsSession")}
            description={t("accounts.awsSessionNote")}
            value={value.sessionToken}
            onChange={set("sessionToken")}
          />
        </>
      )}
    </Stack>
  );
}
