import { Anchor, PasswordInput, Textarea } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client.ts";
import type { Aws } from "./aws-fields.tsx";
import { AwsFields, isComplete } from "./aws-fields.tsx";
import type { Kind } from "./kinds.ts";

export interface Given {
  readonly secret: string;
  readonly aws: Aws;
}

export const isGiven = (kind: Kind, { secret, aws }: Given) =>
  kind.credential === "aws" ? isComplete(aws) : secret.trim() !== "";

/** What was given, as the API takes it. */
export function credentialOf(
  kind: Kind,
  { secret, aws }: Given,
  shownAs: "x-api-key" | "api-key" | null = null,
): Schemas["CredentialInput"] {
  if (kind.credential !== "aws") return { kind: "api-key", secret: secret.trim(), ...(shownAs ? { shownAs } : {}) };
  return { kind: "aws", ...Object.fromEntries(Object.entries(aws).filter(([, value]) => value !== "")) };
}

interface Props {
  readonly kind: Kind;
  readonly value: Given;
  readonly onChange: (value: Given) => void;
}

/** Where the secret of an account goes in, in the form that its kind has. */
export function SecretField({ kind, value, onChange }: Props) {
  const { t } = useTranslation();
  if (kind.credential === "aws") return <AwsFields value={value.aws} onChange={(aws) => onChange({ ...value, aws })} />;
  const shared = {
    "data-autofocus": true,
    autoComplete: "off",
    placeholder: kind.secretLooksLike,
    value: value.secret,
    description: <Where kind={kind} />,
  };
  if (kind.isFile) {
    return (
      <Textarea
        {...shared}
        label={t("accounts.secretFile")}
        autosize
        minRows={4}
        maxRows={10}
        spellCheck={false}
        onChange={(event) => onChange({ ...value, secret: event.currentTarget.value })}
      />
    );
  }
  return (
    <PasswordInput
      {...shared}
      label={t("accounts.secret")}
      visibilityToggleButtonProps={{ "aria-label": t("common.showSecret") }}
      onChange={(event) => onChange({ ...value, secret: event.currentTarget.value })}
    />
  );
}

function Where({ kind }: { readonly kind: Kind }) {
  const { t } = useTranslation();
  if (!kind.keysAt) return <>{t("accounts.secretNote")}</>;
  return (
    <>
      {t("accounts.secretAt")}{" "}
      <Anchor size="xs" href={kind.keysAt} target="_blank" rel="noopener noreferrer">
        {new URL(kind.keysAt).host}
      </Anchor>
    </>
  );
}
