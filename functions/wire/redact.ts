/** How secrets look: keys by the prefixes of their makers, JWTs, bearers, and any long run without a break in it. */
const shapes = new RegExp(
  [
    /\b(?:sk|pk|rk|cr|gsk|xai|hf|nvapi|pplx|sess|sig)[-_][\w.-]{8,}/,
    /\bAIza[\w-]{10,}|\bya29\.[\w.-]+|\b(?:AKIA|ASIA)[A-Za-z0-9]{8,}/,
    /\beyJ[\w-]+(?:\.[\w-]*)*|\bBearer\s+\S+/,
    /[A-Za-z0-9+/_]{32,}={0,2}/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
);
const shown = 6;
/** The longest quotation of a provider that is kept or told. */
export const mostQuoted = 300;

/**
 * Words of a provider, for logs and records: some say back the credential that they refuse. `sent` are secrets that went
 * into the request; what else looks like one is cut too. The first characters stay, enough to tell which one it was.
 */
export function redact(words: string, sent: readonly string[] = []): string {
  const without = formsOf(sent).reduce((text, secret) => text.replaceAll(secret, cut(secret)), words);
  return without.replace(shapes, cut);
}

const cut = (secret: string) => `${secret.slice(0, shown)}…`;

/** Shorter ones would be found in words that have nothing to do with them. */
const shortest = 8;

/** A secret as it is, as it stands in an address, and in base64. */
function formsOf(sent: readonly string[]): string[] {
  const known = sent.filter((secret) => secret.length >= shortest);
  const forms = known.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString("base64").replace(/=+$/, ""),
  ]);
  return [...new Set(forms)].sort((one, other) => other.length - one.length);
}

/**
 * The one way in which a provider's words enter an event, a log line, a trace, an alert or a message of the relay: in one
 * line, without what is or looks like a secret, 300 characters at most.
 */
export function quote(words: string, sent: readonly string[] = []): string {
  // What is cut off is not looked at, but a secret that straddles the cut is whole until then.
  const clean = redact(words.slice(0, 8_192), sent)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim();
  return clean.length > mostQuoted ? `${clean.slice(0, mostQuoted - 1)}…` : clean;
}

/** A provider's code or request id: a plain word, or nothing. */
export function quoteName(name: string | undefined, sent: readonly string[] = []): string | undefined {
  return name !== undefined && /^[\w.:/-]{1,80}$/.test(name) && redact(name, sent) === name ? name : undefined;
}

/** How providers name whose account it is: organisations, projects, people, cloud accounts. */
const identities = new RegExp(
  [
    /\b(?:org|proj|user|acct|ws|team)[-_][\w-]{3,}/,
    /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/,
    /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/,
    /\barn:aws[\w-]*:[^\s"'\\]+/,
    /\b(?:projects|organizations|accounts|billingAccounts|subscriptions)\/[\w.:-]+/,
    /\b(?:project_number|project|consumer|account|api_key):[\w.:-]+/,
    /\b\d{12}\b/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gi",
);

/** The words without whose account it is that they speak of: what the operator may know, and a client need not. */
export function withoutIdentity(words: string): string {
  return words.replace(identities, "…");
}

/**
 * Takes secrets out of an answer's bytes, which may be split anywhere: some providers say back what they were sent. Gives
 * the very same bytes where there is none.
 */
export class SecretFilter {
  readonly #secrets: readonly Buffer[];
  #held: Buffer | undefined;

  constructor(sent: readonly string[]) {
    this.#secrets = formsOf(sent).map((form) => Buffer.from(form));
  }

  push(chunk: Uint8Array): Uint8Array {
    const fresh = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const all = this.#without(this.#held ? Buffer.concat([this.#held, fresh]) : fresh);
    // Most chunks end with an event, and no secret has a line end in it.
    const isLineEnd = all[all.length - 1] === 0x0a;
    const tail = isLineEnd ? 0 : Math.max(0, ...this.#secrets.map((secret) => beginningAtEnd(all, secret)));
    this.#held = tail === 0 ? undefined : Buffer.from(all.subarray(all.length - tail));
    return tail === 0 ? all : all.subarray(0, all.length - tail);
  }

  /** What is held back, since a secret might have begun there. */
  end(): Uint8Array {
    const held = this.#held ?? Buffer.alloc(0);
    this.#held = undefined;
    return held;
  }

  #without(bytes: Buffer): Buffer {
    let rest = bytes;
    for (const secret of this.#secrets) {
      for (let at = rest.indexOf(secret); at >= 0; at = rest.indexOf(secret, at)) {
        rest = Buffer.concat([rest.subarray(0, at), masked, rest.subarray(at + secret.length)]);
      }
    }
    return rest;
  }
}

const masked = Buffer.from("[secret]");

/** How many of the last bytes are the beginning of a secret that is not whole yet. */
function beginningAtEnd(bytes: Buffer, secret: Buffer): number {
  for (let length = Math.min(secret.length - 1, bytes.length); length > 0; length -= 1) {
    const start = bytes.length - length;
    if (bytes[start] === secret[0] && bytes.compare(secret, 0, length, start) === 0) return length;
  }
  return 0;
}
