import { Alert, Button, Group, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { ArrowLeft, CircleCheck } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account, TestReport } from "../../api/accounts.ts";
import { testAccount } from "../../api/accounts.ts";
import { useFormat } from "../../parts/format.ts";
import { kindOf, offeredKinds } from "./kinds.ts";
import { SecretForm } from "./secret-form.tsx";
import { Sign } from "./sign.tsx";
import { SignInSteps } from "./sign-in-steps.tsx";
import classes from "./accounts.module.css";

interface Props {
  readonly kind: string;
  readonly choose: (kind: string) => void;
  /** What stands under the account once it is connected. */
  readonly next: (account: Account) => ReactNode;
}

/** Connects an account: choose where it is, give what it signs with, and see at once whether the provider takes it. */
export function Connect({ kind, choose, next }: Props) {
  const { t } = useTranslation();
  const [account, setAccount] = useState<Account>();
  const [report, setReport] = useState<TestReport>();
  const test = useMutation({ mutationFn: (id: string) => testAccount(id), onSuccess: setReport });
  const done = (made: Account, found?: TestReport) => {
    setAccount(made);
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

function Connected({
  account,
  report,
  next,
}: {
  readonly account: Account;
  readonly report: TestReport | undefined;
  readonly next: ReactNode;
}) {
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
            {report?.isOk &&
              t("accounts.testOk", { count: report.models.length, ms: format.duration(report.latencyMs) })}
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
