import type { Env } from "../../env.ts";
import { putPool } from "../../core/accounts/pool.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import { seal, unseal } from "../../core/accounts/seal.ts";
import type { Rule } from "./alert.ts";
import type { Language } from "./words.ts";
import { objectOf } from "../../wire/json.ts";

export const channelKinds = ["webhook", "slack", "discord", "telegram", "feishu", "dingtalk", "wecom", "mail"] as const;
export type ChannelKind = (typeof channelKinds)[number];

/** What must not be seen: a webhook's URL is a secret too, since whoever knows it may post. */
export interface ChannelSecrets {
  readonly url?: string;
  /** Signs: the webhook's own, Feishu's or DingTalk's. */
  readonly secret?: string;
  /** Telegram's bot token. */
  readonly token?: string;
  readonly password?: string;
}

/** Where alerts go. `sealed` are its ChannelSecrets, empty where it has none. */
export interface Channel {
  readonly id: string;
  readonly kind: ChannelKind;
  readonly name: string;
  readonly isEnabled: boolean;
  /** The host of the URL, for display. */
  readonly place: string;
  readonly chatId: string;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly sealed: string;
}

export interface AlertSettings {
  readonly channels: readonly Channel[];
  readonly language: Language;
  /** Rules that are off. */
  readonly off: readonly Rule[];
  /** Share of a window, 0 to 1, from which it is nearly used up. Windows are noted at 50, 75 and 90 % (window.ts). */
  readonly windowShare: number;
  readonly budgetShare: number;
  readonly errorShare: number;
  /** Fewer calls in an hour say nothing. */
  readonly errorLeast: number;
  /** Commands a month that the store's plan has; 0: no limit. */
  readonly commandsMonth: number;
  readonly commandsShare: number;
  /** Local hours in which only what is critical is told; undefined: none. */
  readonly quiet: { readonly fromHour: number; readonly toHour: number } | undefined;
  /** 0: none. */
  readonly reminderHours: number;
}

export const alertDefaults: AlertSettings = {
  channels: [],
  language: "en",
  off: [],
  windowShare: 0.9,
  budgetShare: 1,
  errorShare: 0.25,
  errorLeast: 20,
  commandsMonth: 0,
  commandsShare: 0.8,
  quiet: undefined,
  reminderHours: 24,
};

export const alertSetting = "alerts";

/** The settings, each channel with its sealed secrets, which stand in a field of their own. */
export function readAlertSettings(pool: Pick<Pool, "settings">): AlertSettings {
  const given = pool.settings.get(alertSetting);
  const settings = { ...alertDefaults, ...objectOf(given) };
  const sealedOf = (id: string) => String(pool.settings.get(`alert/${id}`) ?? "");
  return { ...settings, channels: settings.channels.map((channel) => ({ ...channel, sealed: sealedOf(channel.id) })) };
}

/** Two commands; secrets that `sealed` names are written too, undefined drops them (one more). */
export function putAlertSettings(
  settings: AlertSettings,
  sealed: Readonly<Record<string, string | undefined>>,
  env: Env,
): Promise<void> {
  const channels = settings.channels.map(({ sealed: _, ...channel }) => channel);
  const fields = Object.entries(sealed).map(([id, value]) => [fieldOf(id), value] as const);
  return putPool({ [`setting/${alertSetting}`]: { ...settings, channels }, ...Object.fromEntries(fields) }, env);
}

/** The field of the pool, which is what its value is bound to: so it is found when ENCRYPTION_KEY is rotated. */
const fieldOf = (id: string) => `setting/alert/${id}`;

export function sealSecrets(id: string, secrets: ChannelSecrets, env: Env): string {
  return seal(JSON.stringify(secrets), fieldOf(id), env.config);
}

/** Throws `credential.rejected` if it cannot be decrypted. */
export function openSecrets({ id, sealed }: Pick<Channel, "id" | "sealed">, env: Env): ChannelSecrets {
  return JSON.parse(unseal(sealed, fieldOf(id), env.config)) as ChannelSecrets;
}
