import { Button, Group, Modal, PasswordInput, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account } from "../../api/accounts.ts";
import { updateAccount } from "../../api/accounts.ts";
import { useAct } from "../../parts/act.ts";

/** Sets or takes away the proxy on the way to the provider. Its password goes in and never comes out. */
export function ProxyDialog({ account, close }: { readonly account: Account; readonly close: () => void }) {
  const { t } = useTranslation();
  const { act, isBusy } = useAct();
  const [proxy, setProxy] = useState("");
  const save = async (value: string | null) => {
    if (await act(() => updateAccount(account.id, { proxy: value }), t("accounts.proxySaved", { name: account.name })))
      close();
  };
  return (
    <Modal
      opened
      onClose={close}
      title={<Text fw={600}>{t("accounts.proxyOf", { name: account.name })}</Text>}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save(proxy.trim());
        }}
      >
        <Stack>
          <Text c="dimmed">
            {account.proxy ? (
              <>
                {t("accounts.proxyNow")} <span className="mono">{account.proxy}</span>
              </>
            ) : (
              t("accounts.proxyNone")
            )}
          </Text>
          <ProxyInput value={proxy} onChange={setProxy} />
          <Group justify="flex-end" gap="xs">
            {account.proxy && (
              <Button variant="subtle" color="red" mr="auto" loading={isBusy} onClick={() => void save(null)}>
                {t("accounts.proxyRemove")}
              </Button>
            )}
            <Button variant="default" onClick={close}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={isBusy} disabled={proxy.trim() === ""}>
              {t("common.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface InputProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function ProxyInput({ value, onChange }: InputProps) {
  const { t } = useTranslation();
  return (
    <PasswordInput
      label={t("accounts.proxyLabel")}
      description={t("accounts.proxyNote")}
      placeholder="socks5://name:password@host:1080"
      autoComplete="off"
      value={value}
      visibilityToggleButtonProps={{ "aria-label": t("common.showSecret") }}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
