import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account, TestReport } from "../../api/accounts.ts";
import { testAccount, updateAccount } from "../../api/accounts.ts";
import { useAct } from "../../parts/act.ts";
import { useTell } from "../../parts/tell.tsx";
import { noAws } from "./aws-fields.tsx";
import { kindOf } from "./kinds.ts";
import type { Given } from "./secret-field.tsx";
import { credentialOf, isGiven, SecretField } from "./secret-field.tsx";
import { SignInSteps } from "./sign-in-steps.tsx";

interface Props {
  readonly account: Account;
  readonly close: () => void;
}

/** Gives an account a new credential where the old one was rejected: by the same sign-in, or by a new secret that is tested at once. */
export function RenewDialog({ account, close }: Props) {
  const { t } = useTranslation();
  const tell = useTell();
  const isSignIn = account.credentialKind === "oauth";
  const title = t(isSignIn ? "accounts.signInAgain" : "accounts.newSecret");
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={<Text fw={600}>{`${title}: ${account.name}`}</Text>}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {isSignIn ? (
        <SignInSteps
          kind={account.kind}
          account={account}
          done={(renewed) => {
            tell.done(t("accounts.renewed", { name: renewed.name }));
            close();
          }}
        />
      ) : (
        <SecretForm account={account} close={close} />
      )}
    </Modal>
  );
}

function SecretForm({ account, close }: Props) {
  const { t } = useTranslation();
  const { act, isBusy } = useAct();
  const tell = useTell();
  const kind = kindOf(account.kind);
  const [given, setGiven] = useState<Given>({ secret: "", aws: noAws });
  const [report, setReport] = useState<TestReport>();
  const save = () =>
    act(async () => {
      await updateAccount(account.id, { credential: credentialOf(kind, given) });
      const found = await testAccount(account.id);
      setReport(found);
      if (!found.isOk) return;
      tell.done(t("accounts.renewed", { name: account.name }));
      close();
    });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Stack>
        {report && !report.isOk && (
          <Alert color="red" role="alert" title={t("accounts.testFailed")}>
            {report.message}
          </Alert>
        )}
        <SecretField kind={kind} value={given} onChange={setGiven} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={isBusy} disabled={!isGiven(kind, given)}>
            {t("accounts.saveAndTest")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
