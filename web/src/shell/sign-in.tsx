import { Alert, Button, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { offers } from "../api/offer.ts";
import { hasPasskeys, signInByPasskey } from "../api/passkey.ts";
import { Refused } from "../api/refused.ts";
import { signIn } from "../api/session.ts";
import { useReason } from "../parts/reason.ts";
import { Mark } from "../parts/mark.tsx";
import { LanguageSwitch, SchemeSwitch } from "../parts/preferences.tsx";
import classes from "./sign-in.module.css";

/** The first thing one sees without a session; what was asked for stays in the address and opens after it. */
export function SignInPage() {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${t("signIn.title")} · Claude Relay`;
  }, [t]);
  return (
    <main className={classes.page}>
      <div className={classes.box}>
        <div className={classes.brand}>
          <Mark size={40} />
          <h1 className={classes.title}>{t("signIn.title")}</h1>
        </div>
        <div className={`card ${classes.form}`}>
          <SignInForm />
        </div>
        <p className={classes.foot}>
          <Link href="/key">{t("signIn.holder")}</Link>
        </p>
      </div>
      <div className={classes.foot}>
        <LanguageSwitch />
        <SchemeSwitch />
      </div>
    </main>
  );
}

/** Over the page whose session ended; nothing typed there is lost. */
export function SignInOver({ username }: { readonly username: string }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={<Text fw={600}>{t("signIn.again")}</Text>}
      size="sm"
      zIndex={400}
    >
      <Text c="dimmed" mb="md">
        {t("signIn.againNote")}
      </Text>
      <SignInForm username={username} />
    </Modal>
  );
}

function SignInForm({ username = "" }: { readonly username?: string }) {
  const { t } = useTranslation();
  const reason = useReason();
  const [error, setError] = useState<unknown>();
  const [asksCode, setAsksCode] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const form = useForm({ initialValues: { username, password: "", code: "" } });
  const submit = form.onSubmit(async (values) => {
    setError(undefined);
    try {
      const code = asksCode ? { code: values.code.trim() } : {};
      await signIn({ username: values.username.trim(), password: values.password, ...code });
    } catch (failure) {
      const refused = failure instanceof Refused ? failure.code : "";
      if (refused === "login.code-missing") return setAsksCode(true);
      setError(failure);
      form.setFieldValue(refused === "login.code-wrong" ? "code" : "password", "");
    }
  });
  const told = error === undefined ? undefined : reason(error);
  const byPasskey = async () => {
    setError(undefined);
    setAsking(true);
    try {
      await signInByPasskey();
    } catch (failure) {
      setError(failure);
      setAsking(false);
    }
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        {told && (
          <Alert color="red" role="alert" title={told.title}>
            {told.detail}
          </Alert>
        )}
        <TextInput
          label={t("signIn.name")}
          autoComplete="username"
          required
          withAsterisk={false}
          data-autofocus={username === "" || undefined}
          autoFocus={username === ""}
          {...form.getInputProps("username")}
        />
        <PasswordInput
          label={t("signIn.password")}
          autoComplete="current-password"
          required
          withAsterisk={false}
          data-autofocus={username !== "" || undefined}
          visibilityToggleButtonProps={{ "aria-label": t("common.showSecret") }}
          {...form.getInputProps("password")}
        />
        {asksCode && (
          <TextInput
            label={t("secondFactor.code")}
            description={t("secondFactor.codeNote")}
            autoComplete="one-time-code"
            required
            withAsterisk={false}
            autoFocus
            {...form.getInputProps("code")}
          />
        )}
        <Button type="submit" fullWidth loading={form.submitting}>
          {t("signIn.submit")}
        </Button>
        {offers("signInByPasskey") && hasPasskeys() && (
          <Button variant="default" fullWidth loading={isAsking} onClick={() => void byPasskey()}>
            {t("signIn.passkey")}
          </Button>
        )}
      </Stack>
    </form>
  );
}
