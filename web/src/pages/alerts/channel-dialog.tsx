import { Anchor, NumberInput, PasswordInput, Select, TagsInput, Text, TextInput } from "@mantine/core";
import { useForm, type UseFormReturnType } from "@mantine/form";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { Refused } from "../../api/refused.ts";
import type { AlertChannel } from "../../api/watch.ts";
import { addChannel, updateChannel } from "../../api/watch.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { sentenceOf } from "../../parts/section.tsx";
import { useTell } from "../../parts/tell.tsx";

type Kind = AlertChannel["kind"];
const secrets = ["url", "secret", "token", "password"] as const;
type Secret = (typeof secrets)[number];

interface Fields {
  readonly kind: Kind;
  readonly name: string;
  readonly url: string;
  readonly secret: string;
  readonly token: string;
  readonly password: string;
  readonly chatId: string;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly from: string;
  readonly to: string[];
}
type Name = keyof Fields;

/** Which fields a kind has, in the order in which they are filled in; `needed` are those it cannot do without. */
const kinds: Record<
  Kind,
  { readonly fields: readonly Name[]; readonly needed: readonly Name[]; readonly docs?: string }
> = {
  slack: { fields: ["url"], needed: ["url"], docs: "https://api.slack.com/messaging/webhooks" },
  discord: { fields: ["url"], needed: ["url"], docs: "https://support.discord.com/hc/articles/228383668" },
  telegram: {
    fields: ["token", "chatId"],
    needed: ["token", "chatId"],
    docs: "https://core.telegram.org/bots#botfather",
  },
  feishu: {
    fields: ["url", "secret"],
    needed: ["url"],
    docs: "https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot",
  },
  dingtalk: {
    fields: ["url", "secret"],
    needed: ["url"],
    docs: "https://open.dingtalk.com/document/robots/custom-robot-access",
  },
  wecom: { fields: ["url"], needed: ["url"], docs: "https://developer.work.weixin.qq.com/document/path/91770" },
  mail: {
    fields: ["host", "port", "username", "password", "from", "to"],
    needed: ["host", "from", "to"],
  },
  webhook: { fields: ["url", "secret"], needed: ["url"], docs: "https://www.standardwebhooks.com" },
};

const empty: Fields = {
  ...{ kind: "slack", name: "", url: "", secret: "", token: "", password: "" },
  ...{ chatId: "", host: "", port: 587, username: "", from: "", to: [] },
};

const isMail = (value: string) => /^[^\s<>,;"]+@[^\s<>,;"]+$/.test(value);

/** What is wrong with a field, in words, before anything is sent. */
function check(values: Fields, has: readonly string[], t: TFunction): Partial<Record<Name, string>> {
  const wrong: Partial<Record<Name, string>> = {};
  for (const name of kinds[values.kind].needed)
    if (values[name].toString() === "" && !has.includes(name)) wrong[name] = t("alerts.needed");
  if (values.url !== "" && !/^https?:\/\/\S+$/.test(values.url)) wrong.url = t("alerts.notUrl");
  if (values.token !== "" && !/^\d+:[\w-]+$/.test(values.token)) wrong.token = t("alerts.notToken");
  if (values.from !== "" && !isMail(values.from)) wrong.from = t("alerts.notMail", { address: values.from });
  const address = values.to.find((each) => !isMail(each));
  if (address !== undefined) wrong.to = t("alerts.notMail", { address });
  return wrong;
}

/** What is sent: the kind's own fields, and of secrets only those that were typed. */
function draftOf(values: Fields): Record<string, unknown> {
  const names = kinds[values.kind].fields.filter(
    (name) => !(secrets as readonly string[]).includes(name) || values[name] !== "",
  );
  return Object.fromEntries(names.map((name) => [name, values[name]]));
}

interface Props {
  readonly channel: AlertChannel | undefined;
  readonly close: () => void;
}

/** Adds a channel, or changes one. */
export function ChannelDialog({ channel, close }: Props) {
  const { t } = useTranslation();
  const tell = useTell();
  const has = channel?.has ?? [];
  const form = useForm<Fields>({
    initialValues: { ...empty, ...channel },
    validate: (values) => check(values, has, t),
  });
  const { kind } = form.values;
  const save = async (): Promise<boolean> => {
    if (form.validate().hasErrors) return false;
    const name = form.values.name.trim() || t(`alerts.kinds.${kind}`);
    const draft = { name, ...draftOf(form.values) };
    try {
      await (channel ? updateChannel(channel.id, draft) : addChannel({ kind, ...draft }));
    } catch (error) {
      const field = error instanceof Refused ? error.field?.split(".")[0] : undefined;
      if (!field || !(kinds[kind].fields as readonly string[]).includes(field)) throw error;
      form.setFieldError(field, sentenceOf(error as Refused));
      return false;
    }
    tell.done(t(channel ? "alerts.changed" : "alerts.added", { name }));
    return true;
  };
  return (
    <Dialog
      title={channel ? t("alerts.editOf", { name: channel.name }) : t("alerts.add")}
      submit={t(channel ? "common.save" : "alerts.add")}
      close={close}
      save={save}
    >
      {!channel && (
        <Select
          data-autofocus
          label={t("alerts.kind")}
          allowDeselect={false}
          data={(Object.keys(kinds) as Kind[]).map((value) => ({ value, label: t(`alerts.kinds.${value}`) }))}
          {...form.getInputProps("kind")}
        />
      )}
      <How kind={kind} />
      <TextInput
        label={t("alerts.name")}
        placeholder={t(`alerts.kinds.${kind}`)}
        maxLength={120}
        {...form.getInputProps("name")}
      />
      {kinds[kind].fields.map((name) => (
        <Field key={name} name={name} form={form} isKept={has.includes(name as Secret)} />
      ))}
    </Dialog>
  );
}

/** Where in the service one finds what is asked for. */
function How({ kind }: { readonly kind: Kind }) {
  const { t } = useTranslation();
  const { docs } = kinds[kind];
  return (
    <Text size="sm" c="dimmed">
      {t(`alerts.how.${kind}`)}{" "}
      {docs && (
        <Anchor href={docs} target="_blank" rel="noreferrer" size="sm">
          {t("alerts.docs")}
        </Anchor>
      )}
    </Text>
  );
}

interface FieldProps {
  readonly name: Name;
  readonly form: UseFormReturnType<Fields>;
  readonly isKept: boolean;
}

/** A secret is never shown again: an empty field keeps the one that is there. */
function Field({ name, form, isKept }: FieldProps) {
  const { t } = useTranslation();
  const kept = isKept ? { placeholder: t("alerts.kept") } : {};
  const eye = { visibilityToggleButtonProps: { "aria-label": t("common.showSecret") } };
  const input = { ...form.getInputProps(name), ...kept, autoComplete: "off" };
  switch (name) {
    case "url":
      return <TextInput label={t("alerts.url")} description={t("alerts.urlNote")} inputMode="url" {...input} />;
    case "secret":
      return <PasswordInput label={t("alerts.secret")} description={t("alerts.secretNote")} {...input} {...eye} />;
    case "token":
      return <PasswordInput label={t("alerts.token")} {...input} {...eye} />;
    case "password":
      return <PasswordInput label={t("alerts.password")} {...input} {...eye} autoComplete="new-password" />;
    case "port":
      return (
        <NumberInput
          label={t("alerts.port")}
          description={t("alerts.portNote")}
          min={1}
          max={65_535}
          allowDecimal={false}
          hideControls
          {...input}
        />
      );
    case "to":
      return (
        <TagsInput
          label={t("alerts.to")}
          description={t("alerts.toNote")}
          splitChars={[",", ";", " "]}
          acceptValueOnBlur
          {...input}
        />
      );
    case "chatId":
      return <TextInput label={t("alerts.chatId")} description={t("alerts.chatIdNote")} {...input} />;
    case "username":
      return <TextInput label={t("alerts.username")} description={t("alerts.usernameNote")} {...input} />;
    case "host":
      return <TextInput label={t("alerts.host")} placeholder="smtp.example.com" {...input} />;
    default:
      return <TextInput label={t("alerts.from")} placeholder="relay@example.com" {...input} />;
  }
}
