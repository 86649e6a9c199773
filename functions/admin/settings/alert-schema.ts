import * as z from "zod/mini";
import { rules } from "../../operations/alerts/alert.ts";
import { channelKinds } from "../../operations/alerts/settings.ts";
import { languages } from "../../operations/alerts/words.ts";
import { component } from "../http/component.ts";
import { flag, id, instant, name, text, webAddress, whole } from "../http/fields.ts";

const rule = z.enum(rules);
const share = (about: string) => z.number().check(z.gte(0.01), z.lte(1), z.describe(`${about} 0.01 to 1.`));
const hour = whole(0, 23, "A local hour.");

const settings = {
  language: z.enum(languages),
  off: z.array(rule).check(z.maxLength(rules.length), z.describe("Rules that are off.")),
  windowShare: share("How full a window must be. It is noted at 50, 75 and 90 %."),
  budgetShare: share("How much of a cost limit must be used."),
  errorShare: share("How many of the calls to accounts must have failed within the last hour or two."),
  errorLeast: whole(1, 1_000_000, "Fewer calls than this say nothing."),
  commandsMonth: whole(0, 1_000_000_000, "Commands a month that the store's plan has; 0: not watched."),
  commandsShare: share("How much of them must be used."),
  quiet: z
    .nullable(z.strictObject({ fromHour: hour, toHour: hour }))
    .check(z.describe("Hours in which only what is critical is told: a stopped account, failing calls, the store.")),
  reminderHours: whole(0, 8_760, "After how many hours an alert that is still on is told again; 0: never."),
};

export const AlertChange = component("AlertSettingsChange", z.partial(z.strictObject(settings)));

const address = z
  .string()
  .check(z.maxLength(320), z.regex(/^[^\s<>,;"]+@[^\s<>,;"]+$/, { error: "must be a mail address" }));
const host = z
  .string()
  .check(z.maxLength(255), z.regex(/^[A-Za-z0-9._:-]+$/, { error: "must be a host's name or address" }));

const secrets = {
  url: z.optional(webAddress("Where to post. Never shown again but for its host.")),
  secret: z.optional(text(500, "Signs: a webhook's (Standard Webhooks, whsec_… or any text), Feishu's or DingTalk's.")),
  token: z.optional(text(200, "Telegram's bot token.")),
  password: z.optional(text(500, "The mail account's.")),
};
const open = {
  name: z.optional(name),
  isEnabled: z.optional(flag("Whether it is told anything.")),
  chatId: z.optional(text(100, "Telegram's chat: a number, or @channel.")),
  host: z.optional(host.check(z.describe("The mail server."))),
  port: z.optional(whole(1, 65_535, "465: TLS from the start; any other: STARTTLS.")),
  username: z.optional(text(320, "The mail account; empty: no sign-in.")),
  from: z.optional(address),
  to: z.optional(z.array(address).check(z.minLength(1), z.maxLength(20))),
};

export const ChannelDraft = component(
  "AlertChannelDraft",
  z.strictObject({ kind: z.enum(channelKinds), ...open, ...secrets }),
);
export const ChannelChange = component("AlertChannelChange", z.strictObject({ ...open, ...secrets }));

export const ChannelView = component(
  "AlertChannel",
  z.object({
    id,
    kind: z.enum(channelKinds),
    name: z.string(),
    isEnabled: z.boolean(),
    place: z.string().check(z.describe("The host that it posts to.")),
    has: z
      .array(z.enum(["url", "secret", "token", "password"]))
      .check(z.describe("Which of its secrets are set; none is ever shown.")),
    chatId: z.string(),
    host: z.string(),
    port: z.int(),
    username: z.string(),
    from: z.string(),
    to: z.array(z.string()),
  }),
);

const Told = z.object({
  rule,
  id: z.string().check(z.describe("The rule and the record it is about.")),
  subject: z.string(),
  title: z.string(),
  text: z.string(),
});

export const AlertsView = component(
  "Alerts",
  z.object({
    settings: component("AlertSettings", z.object(settings)),
    channels: z.array(ChannelView),
    active: z.array(
      z.object({
        ...Told.shape,
        sinceAt: instant("Since when."),
        toldAt: z.nullable(instant("When the channels were last told.")),
      }),
    ),
    history: z
      .array(
        z.object({
          ...Told.shape,
          at: instant("When it was told."),
          turn: z.enum(["raised", "reminder", "cleared", "test"]),
          failed: z.array(z.object({ channel: z.string(), error: z.string() })),
        }),
      )
      .check(z.describe("What was told, newest first; the last hundred.")),
  }),
);

export const ChannelTest = component(
  "AlertChannelTest",
  z.object({
    isTaken: z.boolean(),
    error: z.nullable(z.string().check(z.describe("What the channel said, if it did not take it."))),
  }),
);
