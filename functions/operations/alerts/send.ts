import type { Env } from "../../env.ts";
import { Failure, toFailure } from "../../failure.ts";
import { redact } from "../../core/people/audit-redaction.ts";
import type { Inbound } from "../../wire/dispatch.ts";
import type { Notice } from "./alert.ts";
import { shapes, type Letter } from "./channels.ts";
import { sendMail } from "./mail.ts";
import { openSecrets, type AlertSettings, type Channel, type ChannelSecrets } from "./settings.ts";
import { wordNotice } from "./words.ts";
import { parseObject } from "../../wire/json.ts";

const headTimeoutMs = 10_000;
const mostAnswerBytes = 16_384;

/** Tells one channel one thing. Rejects with a Failure whose message says why it was not taken, without a secret. */
export async function send(
  notice: Notice,
  channel: Channel,
  language: AlertSettings["language"],
  env: Env,
): Promise<void> {
  const secrets = channel.sealed === "" ? {} : openSecrets(channel, env);
  const at = env.now();
  const id = `${notice.alert.id}/${notice.turn}/${notice.sinceAt}/${at}`;
  const letter: Letter = { notice, words: wordNotice(notice, language), id, at };
  try {
    await (channel.kind === "mail" ? sendMail(letter, channel, secrets, env) : sendPost(letter, channel, secrets, env));
  } catch (error) {
    throw withoutSecrets(error, secrets);
  }
}

async function sendPost(letter: Letter, channel: Channel, secrets: ChannelSecrets, env: Env): Promise<void> {
  if (channel.kind === "mail") return;
  const shape = shapes[channel.kind];
  const post = shape.build(letter, channel, secrets);
  const inbound = await env.dispatch({
    method: "POST",
    url: post.url,
    headers: { ...post.headers, "user-agent": "claude-relay" },
    body: post.body,
    headTimeoutMs,
    silenceTimeoutMs: headTimeoutMs,
  });
  const answer = await readAnswer(inbound);
  if (shape.isTaken(inbound.status, parseObject(answer) ?? {})) return;
  const said = answer.replace(/\s+/g, " ").slice(0, 200);
  throw new Failure("upstream.refused", { message: `The channel answered ${inbound.status}: ${said || "nothing"}` });
}

async function readAnswer({ body }: Inbound): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let chunk = await body.read(); chunk && size < mostAnswerBytes; chunk = await body.read()) {
    chunks.push(chunk);
    size += chunk.byteLength;
  }
  if (size >= mostAnswerBytes) body.cancel();
  return Buffer.concat(chunks).toString("utf8");
}

/** A channel may answer with what it was sent, and a mail server with a password. */
function withoutSecrets(error: unknown, secrets: ChannelSecrets): Failure {
  const { code, message, cause } = toFailure(error);
  const said = code === "internal" && cause instanceof Error ? cause.message : message;
  const known = new Set(Object.values(secrets).filter((secret: string) => secret.length >= 4));
  return new Failure(code === "internal" ? "upstream.refused" : code, { message: String(redact(said, known)) });
}
