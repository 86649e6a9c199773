import { Alert, Button, Group } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account } from "../../api/accounts.ts";
import { resetAccount } from "../../api/accounts.ts";
import { useAct } from "../../parts/act.ts";
import { RenewDialog } from "./renew-dialog.tsx";

/** The way back, beside the state of an account that stopped. */
export function Renew({ account }: { readonly account: Account }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const { status } = account.state;
  if (status !== "stopped" && status !== "no-credential") return null;
  return (
    <>
      <Button mt={6} size="compact-xs" variant="default" onClick={() => setOpen(true)}>
        {t(account.credentialKind === "oauth" ? "accounts.signInAgain" : "accounts.newSecret")}
      </Button>
      {isOpen && <RenewDialog account={account} close={() => setOpen(false)} />}
    </>
  );
}

/** An account that stopped: why, and the way back, where one reads it. */
export function Rejected({ account }: { readonly account: Account }) {
  const { t } = useTranslation();
  const [isRenewing, setRenewing] = useState(false);
  const { act, isBusy } = useAct();
  const { status, reason } = account.state;
  if (status !== "stopped" && status !== "no-credential") return null;
  return (
    <Alert color="red" title={t(`accounts.status.${status}`)}>
      {reason}
      <Group mt="sm" gap="xs">
        <Button size="xs" onClick={() => setRenewing(true)}>
          {t(account.credentialKind === "oauth" ? "accounts.signInAgain" : "accounts.newSecret")}
        </Button>
        {account.hasCredential && (
          <Button
            size="xs"
            variant="default"
            loading={isBusy}
            onClick={() => void act(() => resetAccount(account.id), t("accounts.wasReset", { name: account.name }))}
          >
            {t("accounts.reset")}
          </Button>
        )}
      </Group>
      {isRenewing && <RenewDialog account={account} close={() => setRenewing(false)} />}
    </Alert>
  );
}
