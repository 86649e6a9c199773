import { Alert, Button, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { QRCodeSVG } from "qrcode.react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take, type Schemas } from "../../api/client.ts";
import { queryClient } from "../../api/query.ts";
import { Refused } from "../../api/refused.ts";
import { Code } from "../../parts/copy.tsx";
import { Failing } from "../../parts/empty.tsx";
import { useFormat } from "../../parts/format.ts";
import { useReason } from "../../parts/reason.ts";
import { useTell } from "../../parts/tell.tsx";

const queryKey = ["second-factor"];

/** Whether sign-in asks for a code. */
export const useSecondFactor = () =>
  useQuery({ queryKey, queryFn: () => take(api.GET("/admin/session/second-factor")) });

/** The authenticator app: off, being set up (picture, code), its recovery codes shown once, on. */
export function SecondFactor() {
  const { t } = useTranslation();
  const format = useFormat();
  const tell = useTell();
  const factor = useSecondFactor();
  const [draft, setDraft] = useState<Schemas["SecondFactorDraft"]>();
  const [codes, setCodes] = useState<readonly string[]>();
  const fresh = () => void queryClient.invalidateQueries({ queryKey });
  const { isOn, sinceAt, recoveryCodesLeft: count = 0 } = factor.data ?? {};
  const state = isOn ? t("secondFactor.on", { at: format.time(sinceAt ?? 0), count }) : t("secondFactor.off");
  const start = async (password: string) =>
    setDraft(await take(api.POST("/admin/session/second-factor", { body: { password } })));
  const confirm = async (code: string) => {
    const { recoveryCodes } = await take(api.PUT("/admin/session/second-factor", { body: { code } }));
    setDraft(undefined);
    setCodes(recoveryCodes);
    fresh();
  };
  const stop = async (password: string, code: string) => {
    await take(api.POST("/admin/session/second-factor/off", { body: { password, code } }));
    tell.done(t("secondFactor.stopped"));
    fresh();
  };
  return (
    <section className="card" style={{ padding: 24 }}>
      <Stack maw={480}>
        <div>
          <h2 style={{ margin: 0, fontSize: 15 }}>{t("secondFactor.title")}</h2>
          {factor.data && <Text c="dimmed">{state}</Text>}
        </div>
        {factor.isError && <Failing error={factor.error} retry={() => void factor.refetch()} />}
        {codes && <Recovery codes={codes} done={() => setCodes(undefined)} />}
        {draft && <Scan draft={draft} />}
        {draft && (
          <Proof key="confirm" asks={["code"]} submit={t("secondFactor.confirm")} run={(_, code) => confirm(code)} />
        )}
        {isOn === false && !draft && (
          <Proof key="start" asks={["password"]} submit={t("secondFactor.start")} run={start} />
        )}
        {isOn && !codes && <Proof key="stop" asks={["password", "code"]} submit={t("secondFactor.stop")} run={stop} />}
      </Stack>
    </section>
  );
}

/** The picture is drawn in this page: the secret goes nowhere. White around it, or dark schemes would spoil it. */
function Scan({ draft }: { readonly draft: Schemas["SecondFactorDraft"] }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm">
      <Text>{t("secondFactor.scan")}</Text>
      <QRCodeSVG value={draft.uri} size={192} marginSize={4} title={t("secondFactor.picture")} role="img" />
      <Text c="dimmed">{t("secondFactor.byHand")}</Text>
      <Code text={draft.secret} />
    </Stack>
  );
}

function Recovery({ codes, done }: { readonly codes: readonly string[]; done(): void }) {
  const { t } = useTranslation();
  return (
    <Alert color="gray" title={t("secondFactor.codes")}>
      <Stack gap="sm">
        <Text>{t("secondFactor.codesNote")}</Text>
        <Code text={codes.join("\n")} />
        <Button variant="default" style={{ alignSelf: "flex-start" }} onClick={done}>
          {t("secondFactor.kept")}
        </Button>
      </Stack>
    </Alert>
  );
}

interface ProofProps {
  readonly asks: readonly ("password" | "code")[];
  readonly submit: string;
  run(password: string, code: string): Promise<void>;
}

/** What one shows to change it: the password, a code, or both. */
function Proof({ asks, submit, run }: ProofProps) {
  const { t } = useTranslation();
  const reason = useReason();
  const [error, setError] = useState<unknown>();
  const form = useForm({ initialValues: { password: "", code: "" } });
  const send = form.onSubmit(async ({ password, code }) => {
    setError(undefined);
    try {
      await run(password, code.trim());
      form.reset();
    } catch (refusal) {
      const field = refusal instanceof Refused ? refusal.field : undefined;
      if (field === "password") form.setFieldError("password", t("secondFactor.wrongPassword"));
      else if (field === "code") form.setFieldError("code", t("secondFactor.wrongCode"));
      else setError(refusal);
    }
  });
  const told = error === undefined ? undefined : reason(error);
  return (
    <form onSubmit={send}>
      <Stack>
        {told && (
          <Alert color="red" role="alert" title={told.title}>
            {told.detail}
          </Alert>
        )}
        <Group align="flex-start">
          {asks.includes("password") && (
            <PasswordInput
              label={t("secondFactor.password")}
              autoComplete="current-password"
              required
              withAsterisk={false}
              style={{ flexGrow: 1 }}
              visibilityToggleButtonProps={{ "aria-label": t("common.showSecret") }}
              {...form.getInputProps("password")}
            />
          )}
          {asks.includes("code") && (
            <TextInput
              label={t("secondFactor.code")}
              autoComplete="one-time-code"
              required
              withAsterisk={false}
              style={{ flexGrow: 1 }}
              {...form.getInputProps("code")}
            />
          )}
        </Group>
        <Button type="submit" variant="default" loading={form.submitting} style={{ alignSelf: "flex-start" }}>
          {submit}
        </Button>
      </Stack>
    </form>
  );
}
