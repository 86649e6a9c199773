import { Alert, Button, PasswordInput, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "../../api/client.ts";
import { offers } from "../../api/offer.ts";
import { Refused } from "../../api/refused.ts";
import { open, useStanding } from "../../api/session.ts";
import { useFormat } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
import { useReason } from "../../parts/reason.ts";
import { useTell } from "../../parts/tell.tsx";
import { Passkeys } from "./passkeys.tsx";
import { SecondFactor } from "./second-factor.tsx";
import { Sessions } from "./sessions.tsx";

const shortest = 8;

/** Who is signed in, their password, their second factor and passkeys, and where else they are signed in. */
export default function Profile() {
  const { t } = useTranslation();
  const format = useFormat();
  const tell = useTell();
  const reason = useReason();
  const standing = useStanding();
  const [error, setError] = useState<unknown>();
  const form = useForm({
    initialValues: { currentPassword: "", newPassword: "", again: "" },
    validate: {
      newPassword: (value) => (value.length < shortest ? t("profile.tooShort", { count: shortest }) : null),
      again: (value, values) => (value === values.newPassword ? null : t("profile.differs")),
    },
  });
  const submit = form.onSubmit(async ({ currentPassword, newPassword }) => {
    setError(undefined);
    try {
      open(await take(api.PUT("/admin/session/password", { body: { currentPassword, newPassword } })));
      form.reset();
      tell.done(t("profile.changed"));
    } catch (refusal) {
      if (refusal instanceof Refused && refusal.field === "currentPassword")
        form.setFieldError("currentPassword", t("profile.wrong"));
      else setError(refusal);
    }
  });
  const session = standing.kind === "open" || standing.kind === "ended" ? standing.session : undefined;
  const told = error === undefined ? undefined : reason(error);
  const eye = { "aria-label": t("common.showSecret") };
  return (
    <Page
      isNarrow
      title={t("places.profile")}
      note={session && t("profile.note", { username: session.username, at: format.time(session.expiresAt) })}
    >
      <Stack gap="lg">
        <form className="card" style={{ padding: 24 }} onSubmit={submit}>
          <Stack maw={400}>
            <div>
              <h2 style={{ margin: 0, fontSize: 15 }}>{t("profile.password")}</h2>
              <Text c="dimmed">{t("profile.passwordNote")}</Text>
            </div>
            {told && (
              <Alert color="red" role="alert" title={told.title}>
                {told.detail}
              </Alert>
            )}
            <input
              type="text"
              name="username"
              autoComplete="username"
              value={session?.username ?? ""}
              readOnly
              hidden
            />
            <PasswordInput
              label={t("profile.current")}
              autoComplete="current-password"
              required
              withAsterisk={false}
              visibilityToggleButtonProps={eye}
              {...form.getInputProps("currentPassword")}
            />
            <PasswordInput
              label={t("profile.next")}
              autoComplete="new-password"
              required
              withAsterisk={false}
              visibilityToggleButtonProps={eye}
              {...form.getInputProps("newPassword")}
            />
            <PasswordInput
              label={t("profile.again")}
              autoComplete="new-password"
              required
              withAsterisk={false}
              visibilityToggleButtonProps={eye}
              {...form.getInputProps("again")}
            />
            <Button type="submit" loading={form.submitting} style={{ alignSelf: "flex-start" }}>
              {t("profile.change")}
            </Button>
          </Stack>
        </form>
        {offers("getSecondFactor") && <SecondFactor />}
        {offers("listPasskeys", "getSecondFactor") && <Passkeys />}
        {offers("listSessions") && <Sessions />}
      </Stack>
    </Page>
  );
}
