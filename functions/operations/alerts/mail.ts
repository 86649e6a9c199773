import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { allowsPrivate } from "../../config.ts";
import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import { isReachable } from "../../wire/reach.ts";
import type { Letter } from "./channels.ts";
import type { Channel, ChannelSecrets } from "./settings.ts";

const timeoutMs = 10_000;
const implicitTls = 465;

/**
 * Sends a mail by SMTP (RFC 5321): TLS from the start on port 465, STARTTLS on every other, and a password never without
 * it. The library is loaded only when there is a mail to send. The connection goes to the very address that was checked.
 */
export async function sendMail(letter: Letter, channel: Channel, secrets: ChannelSecrets, env: Env): Promise<void> {
  const { host, port, username, from, to } = channel;
  const address = await findReachable(host, env);
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({
    host: address,
    port,
    secure: port === implicitTls,
    requireTLS: username !== "",
    tls: { servername: isIP(host) === 0 ? host : "" },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    ...(username === "" ? {} : { auth: { user: username, pass: secrets.password ?? "" } }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({ from, to: [...to], subject: letter.words.title, text: letter.words.text });
  } finally {
    transport.close();
  }
}

async function findReachable(host: string, env: Env): Promise<string> {
  const isOpen = allowsPrivate(env.config);
  const found = isIP(host) === 0 ? (await lookup(host, { all: true })).map(({ address }) => address) : [host];
  const address = found.find((ip) => isReachable(ip, isOpen));
  if (address !== undefined) return address;
  throw new Failure("upstream.unreachable", {
    message: "The mail server is at a private address, which only ALLOW_PRIVATE_UPSTREAMS=true allows.",
  });
}
