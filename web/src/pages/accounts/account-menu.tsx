import { ActionIcon, Menu } from "@mantine/core";
import {
  Boxes,
  Ellipsis,
  KeyRound,
  Network,
  Pause,
  Pencil,
  Play,
  RefreshCw,
  RotateCcw,
  Stethoscope,
  Trash2,
} from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { Account } from "../../api/accounts.ts";
import { deleteAccount, refreshAccount, resetAccount, updateAccount } from "../../api/accounts.ts";
import { useAct } from "../../parts/act.ts";
import { ask } from "../../parts/ask.ts";
import { GroupsDialog } from "./groups-dialog.tsx";
import { ProxyDialog } from "./proxy-dialog.tsx";
import { RenewDialog } from "./renew-dialog.tsx";

interface Props {
  readonly account: Account;
  readonly test: () => void;
}

/** Everything that can be done to an account. */
export function AccountMenu({ account, test }: Props) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const { act, isBusy } = useAct();
  const [dialog, setDialog] = useState<"proxy" | "groups" | "credential">();
  const { id, name, isEnabled, state } = account;
  const turn = (on: boolean) => () => updateAccount(id, { isEnabled: on });
  const pause = () =>
    void act(turn(!isEnabled), t(isEnabled ? "accounts.paused" : "accounts.resumed", { name }), {
      run: turn(isEnabled),
    });
  const remove = async () => {
    const yes = await ask({
      title: t("accounts.deleteTitle", { name }),
      body: t("accounts.deleteBody"),
      confirm: t("common.delete"),
      isDangerous: true,
    });
    if (yes && (await act(() => deleteAccount(id), t("accounts.deleted", { name })))) go("/accounts");
  };
  const isResting = state.cooldowns.length > 0 || (state.status === "stopped" && account.hasCredential);
  return (
    <>
      <Menu width={220}>
        <Menu.Target>
          <ActionIcon aria-label={t("accounts.actionsOf", { name })} loading={isBusy}>
            <Ellipsis size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Pencil size={15} />} onClick={() => go(`/accounts/${id}`)}>
            {t("common.open")}
          </Menu.Item>
          <Menu.Item leftSection={<Stethoscope size={15} />} onClick={test}>
            {t("accounts.test")}
          </Menu.Item>
          {account.canRefresh && (
            <Menu.Item
              leftSection={<RefreshCw size={15} />}
              onClick={() => void act(() => refreshAccount(id), t("accounts.refreshed", { name }))}
            >
              {t("accounts.refresh")}
            </Menu.Item>
          )}
          {isResting && (
            <Menu.Item
              leftSection={<RotateCcw size={15} />}
              onClick={() => void act(() => resetAccount(id), t("accounts.wasReset", { name }))}
            >
              {t("accounts.reset")}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<KeyRound size={15} />} onClick={() => setDialog("credential")}>
            {t(account.credentialKind === "oauth" ? "accounts.signInAgain" : "accounts.newSecret")}
          </Menu.Item>
          <Menu.Item leftSection={<Network size={15} />} onClick={() => setDialog("proxy")}>
            {t("accounts.proxy")}
          </Menu.Item>
          <Menu.Item leftSection={<Boxes size={15} />} onClick={() => setDialog("groups")}>
            {t("accounts.groups")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={isEnabled ? <Pause size={15} /> : <Play size={15} />} onClick={pause}>
            {t(isEnabled ? "accounts.pause" : "accounts.resume")}
          </Menu.Item>
          <Menu.Item color="red" leftSection={<Trash2 size={15} />} onClick={() => void remove()}>
            {t("common.delete")}…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {dialog === "proxy" && <ProxyDialog account={account} close={() => setDialog(undefined)} />}
      {dialog === "groups" && <GroupsDialog account={account} close={() => setDialog(undefined)} />}
      {dialog === "credential" && <RenewDialog account={account} close={() => setDialog(undefined)} />}
    </>
  );
}
