import { createHmac } from "node:crypto";
import type { Notice } from "./alert.ts";
import type { Channel, ChannelKind, ChannelSecrets } from "./settings.ts";
import type { Words } from "./words.ts";

export interface Letter {
  readonly notice: Notice;
  readonly words: Words;
  /** Distinct for each notice and channel. */
  readonly id: string;
  readonly at: number;
}

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Shape {
  build(letter: Letter, channel: Channel, secrets: ChannelSecrets): Post;
  /** Whether the answer says that the message was taken; several answer 200 to what they refuse. */
  isTaken(status: number, answer: Readonly<Record<string, unknown>>): boolean;
}

const post = (url: string, body: unknown, headers: Record<string, string> = {}): Post => ({
  url,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: JSON.stringify(body),
});
const plain = ({ words }: Letter, most: number) => clip(`${words.title}\n${words.text}`, most);
const isOk = (status: number) => status >= 200 && status < 300;

/** How each kind wants its message, and how it says that it took it. Mail is not among them (mail.ts). */
export const shapes: Readonly<Record<Exclude<ChannelKind, "mail">, Shape>> = {
  webhook: {
    build(letter, _, { url = "", secret }) {
      const { notice, words, id, at } = letter;
      const { alert, turn: type, sinceAt } = notice;
      const data = {
        ...words,
        rule: alert.rule,
        alert: alert.id,
        subject: alert.subject,
        ...{ figures: alert.figures },
      };
      const made = post(url, {
        type: `alert.${type}`,
        timestamp: new Date(at).toISOString(),
        since: new Date(sinceAt).toISOString(),
        data,
      });
      return { ...made, headers: { ...made.headers, ...signature(id, at, made.body, secret) } };
    },
    isTaken: isOk,
  },
  // https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks: &, < and > are to be escaped.
  slack: {
    build: (letter, _, { url = "" }) => post(url, { text: escape(`*${letter.words.title}*\n${letter.words.text}`) }),
    isTaken: isOk,
  },
  // https://discord.com/developers/docs/resources/webhook#execute-webhook: 2,000 characters; nobody is to be called by a name in it.
  discord: {
    build: (letter, _, { url = "" }) => post(url, { content: plain(letter, 2_000), allowed_mentions: { parse: [] } }),
    isTaken: isOk,
  },
  // https://core.telegram.org/bots/api#sendmessage: 4,096 characters.
  telegram: {
    build: (letter, { chatId }, { token = "" }) =>
      post(`https://api.telegram.org/bot${token}/sendMessage`, { chat_id: chatId, text: plain(letter, 4_096) }),
    isTaken: (status, { ok }) => isOk(status) && ok === true,
  },
  // https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot: the text to sign is the key, and the message is empty.
  feishu: {
    build(letter, _, { url = "", secret }) {
      const timestamp = String(Math.floor(letter.at / 1000));
      const sign = secret && createHmac("sha256", `${timestamp}\n${secret}`).digest("base64");
      const content = { text: plain(letter, 4_000) };
      return post(url, { ...(sign ? { timestamp, sign } : {}), msg_type: "text", content });
    },
    isTaken: (status, { code }) => isOk(status) && code === 0,
  },
  // https://open.dingtalk.com/document/orgapp/customize-robot-security-settings: milliseconds, both in the query.
  dingtalk: {
    build(letter, _, { url = "", secret }) {
      const content = plain(letter, 4_000);
      return post(secret ? signDingtalk(url, secret, letter.at) : url, { msgtype: "text", text: { content } });
    },
    isTaken: (status, { errcode }) => isOk(status) && errcode === 0,
  },
  // https://developer.work.weixin.qq.com/document/path/91770: 2,048 bytes.
  wecom: {
    build: (letter, _, { url = "" }) =>
      post(url, { msgtype: "text", text: { content: clipBytes(plain(letter, 2_000), 2_048) } }),
    isTaken: (status, { errcode }) => isOk(status) && errcode === 0,
  },
};

/** As Standard Webhooks signs (standardwebhooks.com): HMAC-SHA256 of `id.timestamp.body`, so that any of its libraries verifies it. */
function signature(id: string, at: number, body: string, secret: string | undefined): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp };
  if (!secret) return headers;
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret);
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { ...headers, "webhook-signature": `v1,${mac}` };
}

function signDingtalk(url: string, secret: string, at: number): string {
  const signed = new URL(url);
  signed.searchParams.set("timestamp", String(at));
  signed.searchParams.set("sign", createHmac("sha256", secret).update(`${at}\n${secret}`).digest("base64"));
  return signed.toString();
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}

function clipBytes(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  return `${bytes
    .subarray(0, most - 6)
    .toString("utf8")
    .replace(/\uFFFD+$/, "")}…`;
}
