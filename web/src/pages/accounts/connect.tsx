import { Alert, Anchor, Button, Collapse, Group, NumberInput, PasswordInput, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { ArrowLeft, ChevronDown, CircleCheck } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account, AccountDraft, TestReport } from "../../api/accounts.ts";
import { createAccount, testAccount, updateAccount } from "../../api/accounts.ts";
import { useFormat } from "../../parts/format.ts";
import { AwsFields, noAws } from "./aws-fields.tsx";
import type { Kind } from "./kinds.ts";
import { kindOf, offeredKinds } from "./kinds.ts";
import { ProxyInput } from "./proxy-dialog.tsx";
import { Sign } from "./sign.tsx";
import { Failed, SignInSteps } from "./sign-in-steps.tsx";
import classes from "./accounts.module.css";

interface Props {
  readonly kind: string;
  readonly choose: (kind: string) => void;
  /** What stands under the account once it is connected. */
  readonly next: (account: Account) => ReactNode;
  readonly connected?: (account: Account) => void;
}

/** Connects an account: choose where it is, give what it signs with, and see at once whether the provider takes it. */
export function Connect({ kind, choose, next, connected }: Props) {
  const { t } = useTranslation();
  const [account, setAccount] = useState<Account>();
  const [report, setReport] = useState<TestReport>();
  const test = useMutation({ mutationFn: (id: string) => testAccount(id), onSuccess: setReport });
  const done = (made: Account, found?: TestReport) => {
    setAccount(made);
    connected?.(made);
    if (found) setReport(found);
    else test.mutate(made.id);
  };
  if (account) return <Connected account={account} report={report} next={next(account)} />;
  if (kind === "") return <Kinds choose={choose} />;
  const chosen = kindOf(kind);
  return (
    <div className="card" style={{ padding: 24 }}>
      <Group mb="lg" wrap="nowrap" align="flex-start">
        <Sign kind={kind} />
        <div style={{ flex: 1 }}>
          <Text fw={600}>{chosen.label}</Text>
          <Text c="dimmed">{t(`kinds.${chosen.words}`)}</Text>
        </div>
        <Button variant="subtle" color="gray" leftSection={<ArrowLeft size={15} />} onClick={() => choose("")}>
          {t("accounts.otherKind")}
        </Button>
      </Group>
      {chosen.credential === "oauth" ? (
        <>
          <Alert color="gray" mb="lg">
            {t("kinds.signInTerms")}
          </Alert>
          <SignInSteps kind={kind} done={(made) => done(made)} />
        </>
      ) : (
        <SecretForm kind={chosen} done={done} />
      )}
    </div>
  );
}

function Kinds({ choose }: { readonly choose: (kind: string) => void }) {
  const { t } = useTranslation();
  return (
    <div className={classes.kinds}>
      {offeredKinds.map(({ kind, label, words }) => (
        <button key={kind} type="button" className={classes.kind} onClick={() => choose(kind)}>
          <Sign kind={kind} />
          <span>
            <strong>{label}</strong>
            <span>{t(`kinds.${words}`)}</span>
          </span>
        </button>
      ))}
    </div>
  );
}

function SecretForm({ kind, done }: { readonly kind: Kind; readonly done: (account: Account, report: TestReport) => void }) {
  const { t } = useTranslation();
  const [isMore, setMore] = useState(kind.needsBaseUrl === true);
  const [made, setMade] = useState<Account>();
  const [aws, setAws] = useState(noAws);
  const form = useForm({ initialValues: { name: "", secret: "", baseUrl: "", proxy: "", priority: 50 } });
  const save = useMutation({
    // The account that a first try made is mended, not made twice.
    async mutationFn() {
      const { name, secret, baseUrl, proxy, priority } = form.getValues();
      const { sessionToken, ...pair } = aws;
      const credential =
        kind.credential === "aws"
          ? { kind: "aws" as const, ...pair, ...(sessionToken ? { sessionToken } : {}) }
          : { kind: "api-key" as const, secret: secret.trim() };
      const fields = { name: name.trim() || kind.label, credential, priority, baseUrl: baseUrl.trim() || null, ...(proxy.trim() ? { proxy: proxy.trim() } : {}) };
      const account = made ? await updateAccount(made.id, fields) : await createAccount({ ...fields, kind: kind.kind as AccountDraft["kind"] });
      setMade(account);
      const report = await testAccount(account.id);
      if (report.isOk) done(account, report);
      return { account, report };
    },
  });
  const refused = save.data && !save.data.report.isOk ? save.data : undefined;
  const isReady = kind.credential === "aws" ? aws.accessKeyId !== "" && aws.secretAccessKey !== "" : form.values.secret.trim() !== "";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack maw={560}>
        {kind.credential === "aws" ? (
          <AwsFields value={aws} onChange={setAws} />
        ) : (
          <PasswordInput
            autoFocus
            label={t("accounts.secret")}
            description={
              kind.keysAt ? (
                <>
                  {t("accounts.secretAt")}{" "}
                  <Anchor size="xs" href={kind.keysAt} target="_blank" rel="noopener noreferrer">
                    {new URL(kind.keysAt).host}
                  </Anchor>
                </>
              ) : (
                t("accounts.secretNote")
              )
            }
            placeholder={kind.secretLooksLike}
            autoComplete="off"
            visibilityToggleButtonProps={{ "aria-label": t("common.showSecret") }}
            {...form.getInputProps("secret")}
          />
        )}
        <TextInput label={t("accounts.name")} description={t("accounts.nameNote")} placeholder={kind.label} maxLength={120} {...form.getInputProps("name")} />
        <UnstyledButton onClick={() => setMore(!isMore)} aria-expanded={isMore}>
          <Text c="dimmed" size="sm">
            {t("accounts.more")} <ChevronDown size={13} aria-hidden />
          </Text>
        </UnstyledButton>
        <Collapse expanded={isMore}>
          <Stack>
            <TextInput label={t("accounts.baseUrl")} description={t("accounts.baseUrlNote")} placeholder="https://" inputMode="url" {...form.getInputProps("baseUrl")} />
            <ProxyInput value={form.values.proxy} onChange={(proxy) => form.setFieldValue("proxy", proxy)} />
            <NumberInput label={t("accounts.priority")} description={t("accounts.priorityNote")} min={0} max={1000} {...form.getInputProps("priority")} />
          </Stack>
        </Collapse>
        <Failed error={save.error} />
        {refused && (
          <Alert color="red" role="alert" title={t("accounts.testFailed")}>
            <Text mb="xs">{refused.report.message}</Text>
            <Text c="dimmed" mb="sm">
              {t("accounts.testFailedNote")}
            </Text>
            <Button size="xs" variant="default" onClick={() => done(refused.account, refused.report)}>
              {t("accounts.keepAnyway")}
            </Button>
          </Alert>
        )}
        <Group>
          <Button type="submit" loading={save.isPending} disabled={!isReady}>
            {t(refused ? "accounts.tryAgain" : "accounts.connectAndTest")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Connected({ account, report, next }: { readonly account: Account; readonly report: TestReport | undefined; readonly next: ReactNode }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className="card" style={{ padding: 24 }} role="status">
      <Group wrap="nowrap" align="flex-start">
        <CircleCheck size={26} color="var(--good)" aria-hidden />
        <div>
          <Text fw={600} size="lg">
            {t("accounts.connected", { name: account.name })}
          </Text>
          <Text c="dimmed">
            {report === undefined && t("accounts.testing")}
            {report?.isOk && t("accounts.testOk", { count: report.models.length, ms: format.duration(report.latencyMs) })}
            {report && !report.isOk && report.message}
          </Text>
          <Group mt="lg" gap="xs">
            {next}
          </Group>
        </div>
      </Group>
    </div>
  );
}
