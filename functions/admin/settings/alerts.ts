import { randomUUID } from "node:crypto";
import type * as z from "zod/mini";
import { alertState, readAlertState, testChannel } from "../../operations/alerts/check.ts";
import * as store from "../../operations/alerts/settings.ts";
import type { AlertSettings, Channel, ChannelKind, ChannelSecrets } from "../../operations/alerts/settings.ts";
import { wordNotice } from "../../operations/alerts/words.ts";
import type { Env } from "../../env.ts";
import { toFailure } from "../../failure.ts";
import { readPool } from "../../core/accounts/pool.ts";
import { hostOf } from "../../wire/reach.ts";
import * as shape from "./alert-schema.ts";
import { attentionOperations } from "./attention.ts";
import { byId } from "../http/fields.ts";
import { invalid, unknownRecord } from "../http/invalid.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";
import { refuseOutOfReach } from "../accounts/reach.ts";

const mostChannels = 20;

export const alertOperations: readonly Operation[] = [
  ...attentionOperations,
  operation({
    method: "GET",
    path: "/admin/alerts",
    id: "getAlerts",
    summary: "Rules, channels, what is on now, and what was told of late. Three commands.",
    answer: shape.AlertsView,
    run: (_, env) => view(env),
  }),
  operation({
    method: "PATCH",
    path: "/admin/alerts",
    id: "updateAlerts",
    summary: "Change rules, quiet hours, reminders or the language of messages.",
    body: shape.AlertChange,
    answer: shape.AlertsView,
    async run({ body }, env) {
      const { quiet, ...change } = body;
      const settings = { ...(await read(env)), ...withoutUndefined(change) };
      const next = quiet === undefined ? settings : { ...settings, quiet: quiet ?? undefined };
      await store.putAlertSettings(next, {}, env);
      return view(env);
    },
  }),
  operation({
    method: "POST",
    path: "/admin/alerts/channels",
    id: "createAlertChannel",
    summary: "Add a channel: a webhook, a chat or a mail address.",
    body: shape.ChannelDraft,
    answer: shape.ChannelView,
    status: 201,
    async run({ body: { kind, ...body } }, env) {
      const settings = await read(env);
      if (settings.channels.length >= mostChannels) throw invalid("kind", `there are ${mostChannels} channels already`);
      const empty = { chatId: "", host: "", port: 587, username: "", from: "", to: [], place: "", sealed: "" };
      const channel = { ...empty, id: randomUUID(), kind, name: kind, isEnabled: true };
      return save(settings, await change(channel, {}, body, env), env);
    },
  }),
  operation({
    method: "GET",
    path: "/admin/alerts/channels/:id",
    id: "getAlertChannel",
    summary: "One channel, without its secrets.",
    params: byId,
    answer: shape.ChannelView,
    run: async ({ params }, env) => viewChannel(find(await read(env), params.id), env),
  }),
  operation({
    method: "PATCH",
    path: "/admin/alerts/channels/:id",
    id: "updateAlertChannel",
    summary: "Change a channel. Secrets that are not named stay; an empty one is dropped.",
    params: byId,
    body: shape.ChannelChange,
    answer: shape.ChannelView,
    async run({ params, body }, env) {
      const settings = await read(env);
      const channel = find(settings, params.id);
      return save(settings, await change(channel, open(channel, env), body, env), env);
    },
  }),
  operation({
    method: "DELETE",
    path: "/admin/alerts/channels/:id",
    id: "deleteAlertChannel",
    summary: "Remove a channel with its secrets.",
    params: byId,
    async run({ params: { id } }, env) {
      const settings = await read(env);
      find(settings, id);
      const channels = settings.channels.filter((channel) => channel.id !== id);
      await store.putAlertSettings({ ...settings, channels }, { [id]: undefined }, env);
    },
  }),
  operation({
    method: "POST",
    path: "/admin/alerts/channels/:id/test",
    id: "testAlertChannel",
    summary: "Send a test message, whether or not the channel is on.",
    params: byId,
    answer: shape.ChannelTest,
    async run({ params }, env) {
      const settings = await read(env);
      try {
        await testChannel(find(settings, params.id), settings, env);
        return { isTaken: true, error: null };
      } catch (error) {
        const failure = toFailure(error);
        if (failure.code === "record.unknown" || failure.blame === "platform") throw failure;
        return { isTaken: false, error: failure.message };
      }
    },
  }),
];

const read = async (env: Env) => store.readAlertSettings(await readPool(env));

function find({ channels }: AlertSettings, id: string): Channel {
  const channel = channels.find((each) => each.id === id);
  if (!channel) throw unknownRecord("alert channel", id);
  return channel;
}

function open(channel: Channel, env: Env): ChannelSecrets {
  return channel.sealed === "" ? {} : store.openSecrets(channel, env);
}

/** What each kind cannot do without. */
const needs: Record<ChannelKind, readonly (keyof ChannelSecrets | "chatId" | "host" | "from" | "to")[]> = {
  webhook: ["url"],
  slack: ["url"],
  discord: ["url"],
  telegram: ["token", "chatId"],
  feishu: ["url"],
  dingtalk: ["url"],
  wecom: ["url"],
  mail: ["host", "from", "to"],
};

async function change(
  channel: Channel,
  known: ChannelSecrets,
  body: z.infer<typeof shape.ChannelChange>,
  env: Env,
): Promise<Channel> {
  const { url, secret, token, password, ...rest } = body;
  const secrets = { ...known, ...withoutUndefined({ url, secret, token, password }) };
  const kept = Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== "")) as ChannelSecrets;
  const place = kept.url === undefined ? "" : hostOf(kept.url);
  const next = { ...channel, ...withoutUndefined(rest), place };
  const values: Record<string, unknown> = { ...next, ...kept };
  const missing = needs[next.kind].find((field) => values[field] === undefined || String(values[field]) === "");
  if (missing) throw invalid(missing, `is needed for a channel of the kind ${next.kind}`);
  if (token && !/^\d+:[\w-]+$/.test(token)) throw invalid("token", "is not a bot token, such as 123456:ABC-def");
  if (url) await refuseOutOfReach("url", url, env);
  if (body.host) await refuseOutOfReach("host", `smtp://${body.host}`, env);
  return { ...next, sealed: store.sealSecrets(next.id, kept, env) };
}

async function save(settings: AlertSettings, channel: Channel, env: Env) {
  const others = settings.channels.filter(({ id }) => id !== channel.id);
  const isNew = others.length === settings.channels.length;
  const channels = isNew
    ? [...others, channel]
    : settings.channels.map((each) => (each.id === channel.id ? channel : each));
  await store.putAlertSettings({ ...settings, channels }, { [channel.id]: channel.sealed }, env);
  return viewChannel(channel, env);
}

function viewChannel(channel: Channel, env: Env) {
  const { sealed: _, to, ...shown } = channel;
  const has = Object.keys(open(channel, env)) as (keyof ChannelSecrets)[];
  return { ...shown, to: [...to], has };
}

async function view(env: Env) {
  const [settings, [value]] = await Promise.all([read(env), env.store.read([alertState])]);
  const { channels, off, quiet, ...rest } = settings;
  const state = readAlertState(value);
  const words = (notice: Parameters<typeof wordNotice>[0]) => ({
    ...{ rule: notice.alert.rule, id: notice.alert.id, subject: notice.alert.subject },
    ...wordNotice(notice, settings.language),
  });
  return {
    settings: { ...rest, off: [...off], quiet: quiet ?? null },
    channels: channels.map((channel) => viewChannel(channel, env)),
    active: Object.values(state.active).map(({ alert, sinceAt, toldAt = null }) => ({
      ...words({ turn: "raised", alert, sinceAt }),
      ...{ sinceAt, toldAt },
    })),
    history: state.history.map(({ at, turn, alert, failed }) => ({
      ...words({ turn, alert, sinceAt: at }),
      ...{ at, turn, failed: [...failed] },
    })),
  };
}

function withoutUndefined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}
