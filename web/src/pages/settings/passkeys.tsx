import { Button, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take, type Schemas } from "../../api/client.ts";
import { addPasskey, hasPasskeys } from "../../api/passkey.ts";
import { queryClient } from "../../api/query.ts";
import { useAct } from "../../parts/act.ts";
import { ask } from "../../parts/ask.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { Failing } from "../../parts/empty.tsx";
import { useFormat } from "../../parts/format.ts";
import { useTell } from "../../parts/tell.tsx";
import { useSecondFactor } from "./second-factor.tsx";

const queryKey = ["passkeys"];
const fresh = () => queryClient.invalidateQueries({ queryKey });

/** Passkeys that sign in: made here by the browser, listed by name, taken away. */
export function Passkeys() {
  const { t } = useTranslation();
  const passkeys = useQuery({ queryKey, queryFn: () => take(api.GET("/admin/session/passkeys")) });
  const [isAdding, setAdding] = useState(false);
  const items = passkeys.data?.items ?? [];
  return (
    <section className="card" style={{ padding: 24 }}>
      <Stack>
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <div>
            <h2 style={{ margin: 0, fontSize: 15 }}>{t("passkeys.title")}</h2>
            <Text c="dimmed">{t(hasPasskeys() ? "passkeys.note" : "passkeys.notHere")}</Text>
          </div>
          {hasPasskeys() && (
            <Button variant="default" style={{ flexShrink: 0 }} onClick={() => setAdding(true)}>
              {t("passkeys.add")}
            </Button>
          )}
        </Group>
        {passkeys.isError && <Failing error={passkeys.error} retry={() => void passkeys.refetch()} />}
        {items.map((passkey) => (
          <Row key={passkey.id} passkey={passkey} />
        ))}
      </Stack>
      {isAdding && <Add close={() => setAdding(false)} />}
    </section>
  );
}

function Row({ passkey }: { readonly passkey: Schemas["Passkey"] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { act, isBusy } = useAct();
  const { id, name, host, createdAt, usedAt } = passkey;
  const remove = async () => {
    const confirm = t("passkeys.remove");
    if (
      !(await ask({
        title: t("passkeys.removeOf", { name }),
        body: t("passkeys.removeNote"),
        confirm,
        isDangerous: true,
      }))
    )
      return;
    const params = { path: { id } };
    await act(() => take(api.DELETE("/admin/session/passkeys/{id}", { params })), t("passkeys.removed"));
    await fresh();
  };
  return (
    <Group justify="space-between" wrap="nowrap">
      <div style={{ minWidth: 0 }}>
        <Text fw={500} truncate>
          {name}
        </Text>
        <Text c="dimmed">
          {t("passkeys.made", { host, at: format.time(createdAt) })}
          {usedAt !== null && ` · ${t("passkeys.used", { at: format.time(usedAt) })}`}
        </Text>
      </div>
      <Button
        size="xs"
        variant="default"
        loading={isBusy}
        aria-label={t("passkeys.removeOf", { name })}
        onClick={() => void remove()}
      >
        {t("passkeys.remove")}
      </Button>
    </Group>
  );
}

function Add({ close }: { readonly close: () => void }) {
  const { t } = useTranslation();
  const tell = useTell();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const asksCode = useSecondFactor().data?.isOn ?? false;
  const save = async () => {
    await addPasskey(name.trim(), { password, ...(asksCode ? { code: code.trim() } : {}) });
    await fresh();
    tell.done(t("passkeys.added"));
  };
  const isReady = name.trim() !== "" && password !== "" && (!asksCode || code.trim().length >= 6);
  return (
    <Dialog title={t("passkeys.add")} submit={t("passkeys.create")} close={close} save={save} isReady={isReady}>
      <TextInput
        label={t("passkeys.name")}
        placeholder={t("passkeys.namePlaceholder")}
        maxLength={120}
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <PasswordInput
        label={t("secondFactor.password")}
        autoComplete="current-password"
        visibilityToggleButtonProps={{ "aria-label": t("common.showSecret") }}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {asksCode && (
        <TextInput
          label={t("secondFactor.code")}
          autoComplete="one-time-code"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
      )}
    </Dialog>
  );
}
