import { ActionIcon, Alert, Button, Switch } from "@mantine/core";
import { BellRing, Pencil, Plus, Send, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AlertChannel } from "../../api/watch.ts";
import { removeChannel, testChannel, updateChannel } from "../../api/watch.ts";
import { useAct } from "../../parts/act.ts";
import { ask } from "../../parts/ask.ts";
import { Empty } from "../../parts/empty.tsx";
import rows from "../../parts/rows.module.css";
import { ChannelDialog } from "./channel-dialog.tsx";

interface Edited {
  readonly channel?: AlertChannel;
}

/** Who is told. */
export function Channels({ channels }: { readonly channels: readonly AlertChannel[] }) {
  const { t } = useTranslation();
  const [edited, setEdited] = useState<Edited>();
  const add = (
    <Button size="xs" leftSection={<Plus size={15} />} onClick={() => setEdited({})}>
      {t("alerts.add")}
    </Button>
  );
  return (
    <section className="card" aria-labelledby="alert-channels">
      <div className={rows.top}>
        <div>
          <h2 id="alert-channels" className={rows.head}>
            {t("alerts.channels")}
          </h2>
          <p>{t("alerts.channelsNote")}</p>
        </div>
        {channels.length > 0 && add}
      </div>
      {channels.length === 0 && (
        <Empty icon={<BellRing size={20} />} title={t("alerts.none")} action={add}>
          {t("alerts.noneNote")}
        </Empty>
      )}
      <ul className={rows.list}>
        {channels.map((channel) => (
          <Row key={channel.id} channel={channel} edit={() => setEdited({ channel })} />
        ))}
      </ul>
      {edited && <ChannelDialog channel={edited.channel} close={() => setEdited(undefined)} />}
    </section>
  );
}

function Row({ channel, edit }: { readonly channel: AlertChannel; readonly edit: () => void }) {
  const { t } = useTranslation();
  const { act } = useAct();
  const { id, name, isEnabled } = channel;
  const turn = (next: boolean) =>
    act(() => updateChannel(id, { isEnabled: next }), t(next ? "alerts.turnedOn" : "alerts.turnedOff", { name }), {
      run: () => updateChannel(id, { isEnabled: !next }),
    });
  const remove = async () => {
    const title = t("alerts.removeOf", { name });
    if (await ask({ title, body: t("alerts.removeNote"), confirm: t("common.remove"), isDangerous: true }))
      await act(() => removeChannel(id), t("alerts.removed", { name }));
  };
  return (
    <li>
      <Switch
        aria-label={t("alerts.isOn", { name })}
        checked={isEnabled}
        onChange={(event) => void turn(event.currentTarget.checked)}
      />
      <div className={rows.main}>
        <span className={rows.name}>{name}</span>
        <Place channel={channel} />
      </div>
      <div className={rows.side}>
        <Test channel={channel} />
        <ActionIcon aria-label={t("alerts.editOf", { name })} onClick={edit}>
          <Pencil size={16} />
        </ActionIcon>
        <ActionIcon aria-label={t("alerts.removeOf", { name })} onClick={() => void remove()}>
          <Trash2 size={16} />
        </ActionIcon>
      </div>
    </li>
  );
}

/** Where it goes, as far as that is no secret. */
function Place({ channel: { kind, place, chatId, host, port, to } }: { readonly channel: AlertChannel }) {
  const { t } = useTranslation();
  const where: Record<string, string> = {
    telegram: chatId,
    mail: t("alerts.mailPlace", { to: to.join(t("common.listJoiner")), host, port }),
  };
  return (
    <span className={rows.sub}>
      {t(`alerts.kinds.${kind}`)} · {where[kind] ?? place}
    </span>
  );
}

interface Tested {
  readonly isTaken: boolean;
  readonly error: string | null;
}

/** Sends a test, and says beside the channel whether it was taken. */
function Test({ channel: { id, name } }: { readonly channel: AlertChannel }) {
  const { t } = useTranslation();
  const { act, isBusy } = useAct();
  const [tested, setTested] = useState<Tested>();
  const test = () => {
    setTested(undefined);
    return act(async () => setTested(await testChannel(id)));
  };
  return (
    <>
      {tested && (
        <Alert color={tested.isTaken ? "teal" : "red"} role="status" py={4} px={10} className={rows.told}>
          {tested.isTaken ? t("alerts.taken") : t("alerts.notTaken", { error: tested.error })}
        </Alert>
      )}
      <Button
        size="xs"
        variant="default"
        leftSection={<Send size={14} />}
        aria-label={t("alerts.testOf", { name })}
        loading={isBusy}
        onClick={() => void test()}
      >
        {t("alerts.test")}
      </Button>
    </>
  );
}
