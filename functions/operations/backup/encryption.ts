import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { Readable } from "node:stream";
import { createGunzip, createGzip } from "node:zlib";
import { Failure } from "../../failure.ts";
import { parseObject } from "../../wire/json.ts";

/**
 * The file of a backup: a line of JSON (the head), then chunks. A chunk is its length (4 bytes, big-endian), the bytes
 * encrypted with AES-256-GCM, and the tag (16 bytes). The nonce is the chunk's number (11 bytes) and a last byte that is 1 for
 * the last chunk only, as in the STREAM construction (Hoang et al., 2015): a chunk that was cut off, moved or doubled does
 * not open. The head is bound to each chunk as associated data. Inside is gzip. The key is scrypt's of the passphrase with a
 * salt of the file's own, so that numbered nonces never meet another file's.
 */
export interface VaultHead {
  readonly format: "claude-relay-backup";
  readonly version: number;
  readonly createdAt: number;
  readonly sanitised: boolean;
  readonly kdf: {
    readonly name: "scrypt";
    readonly N: number;
    readonly r: number;
    readonly p: number;
    readonly salt: string;
  };
}

export const vaultVersion = 1;
const format = "claude-relay-backup";
/** As for the operator's password (admin.ts): 32 MiB, which a small function can spare. */
const cost = { N: 32_768, r: 8, p: 3 };
const chunkBytes = 65_536;
const longestHead = 4_096;
const tagBytes = 16;
const leastPassphrase = 8;
/** Records and calls shrink to a tenth; what shrinks far more was made to fill memory. */
const mostExpansion = 50;
const leastExpanded = 1_048_576;
/** A little more than our own cost, in bytes that scrypt holds and in blocks that it mixes. */
const mostMemory = 67_108_864;
const mostWork = 1_048_576;

type Bytes = AsyncIterable<Uint8Array>;

/** The encrypted file of some bytes, in pieces of 64 KiB; memory stays flat. Throws `request.malformed` for a short passphrase. */
export async function* lock(
  plain: Bytes,
  passphrase: string,
  { createdAt, sanitised }: Pick<VaultHead, "createdAt" | "sanitised">,
): AsyncGenerator<Buffer> {
  if (passphrase.length < leastPassphrase)
    throw refuse(`The passphrase must have at least ${leastPassphrase} characters.`);
  const salt = randomBytes(16).toString("base64url");
  const kdf = { name: "scrypt" as const, ...cost, salt };
  const head: VaultHead = { format, version: vaultVersion, createdAt, sanitised, kdf };
  const line = Buffer.from(`${JSON.stringify(head)}\n`);
  const key = await deriveKey(passphrase, head);
  yield line;
  let number = 0;
  for await (const { bytes, isLast } of chunksOf(Readable.from(plain).pipe(createGzip()))) {
    const cipher = createCipheriv("aes-256-gcm", key, nonceOf(number, isLast)).setAAD(line);
    const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(sealed.length);
    yield Buffer.concat([length, sealed, cipher.getAuthTag()]);
    number += 1;
  }
}

/**
 * The bytes of an encrypted file, each piece only after it proved whole. Throws `request.malformed` that tells a wrong
 * passphrase, a damaged or cut file, a newer version and a strange file apart.
 */
export async function* unlock(file: Bytes, passphrase: string): AsyncGenerator<Buffer> {
  let sealedBytes = 0;
  const reader = readerOf(counted(file, (bytes) => (sealedBytes += bytes)));
  const line = await reader.line();
  const key = await deriveKey(passphrase, readHead(line));
  const pipe = createGunzip();
  const feed = Readable.from(openChunks(reader, key, line));
  feed.on("error", (error) => pipe.destroy(error));
  try {
    let plainBytes = 0;
    for await (const piece of feed.pipe(pipe) as AsyncIterable<Buffer>) {
      plainBytes += piece.length;
      if (plainBytes > leastExpanded + sealedBytes * mostExpansion)
        throw refuse("The file unpacks to more than it may.");
      yield piece;
    }
  } finally {
    feed.destroy();
    pipe.destroy();
  }
}

async function* counted(file: Bytes, count: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const piece of file) {
    count(piece.length);
    yield piece;
  }
}

/** What a file says of itself before it is opened. It is proved by the first chunk only. */
export async function peek(file: Bytes): Promise<VaultHead> {
  return readHead(await readerOf(file).line());
}

async function* openChunks(reader: Reader, key: Buffer, line: Buffer): AsyncGenerator<Buffer> {
  for (let number = 0; ; number += 1) {
    const length = (await reader.take(4)).readUInt32BE();
    if (length > chunkBytes) throw refuse(damaged);
    const sealed = await reader.take(length);
    const tag = await reader.take(tagBytes);
    const isLast = await reader.isAtEnd();
    const plain = openChunk(sealed, { tag, key, line, nonce: nonceOf(number, isLast) });
    if (!plain) throw refuse(nameFault(number, isLast, { sealed, tag, key, line }));
    yield plain;
    if (isLast) return;
  }
}

interface Parts {
  readonly tag: Buffer;
  readonly key: Buffer;
  readonly line: Buffer;
}

/** A chunk that opens as one from the middle, and after which nothing comes, is whole itself: the rest was cut off. */
function nameFault(number: number, isLast: boolean, parts: Parts & { readonly sealed: Buffer }): string {
  if (isLast && openChunk(parts.sealed, { ...parts, nonce: nonceOf(number, false) })) return cut;
  return number === 0 ? "The passphrase is wrong, or the beginning of the file is damaged." : damaged;
}

function openChunk(sealed: Buffer, { tag, key, line, nonce }: Parts & { readonly nonce: Buffer }): Buffer | undefined {
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAAD(line).setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  } catch (error) {
    // All that GCM tells; the caller says what it means at this place of the file.
    void error;
    return undefined;
  }
}

function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(number, 7);
  nonce[11] = Number(isLast);
  return nonce;
}

function deriveKey(passphrase: string, { kdf: { N, r, p, salt } }: VaultHead): Promise<Buffer> {
  const options = { N, r, p, maxmem: 256 * N * r };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize("NFKC"), Buffer.from(salt, "base64url"), 32, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function readHead(line: Buffer): VaultHead {
  const head = parseObject(line.toString("utf8")) as Partial<VaultHead> | undefined;
  if (head?.format !== format) throw refuse("This is no backup of this relay.");
  if (typeof head.version !== "number" || head.version > vaultVersion)
    throw refuse(`The file has version ${head.version}, and this relay reads up to ${vaultVersion}: update it first.`);
  const { N = 0, r = 0, p = 0, salt } = head.kdf ?? {};
  // Whoever made the file chose them, and must not choose what opening it costs.
  const isFit = [N, r, p].every((each) => Number.isSafeInteger(each) && each >= 1) && Number.isInteger(Math.log2(N));
  if (head.kdf?.name !== "scrypt" || !isFit || N < 2 || typeof salt !== "string") throw refuse(damaged);
  if (128 * N * r > mostMemory || N * r * p > mostWork)
    throw refuse("The file asks for more work on its passphrase than a backup of this relay does.");
  return head as VaultHead;
}

async function* chunksOf(source: Bytes): AsyncGenerator<{ bytes: Buffer; isLast: boolean }> {
  let held = Buffer.alloc(0);
  for await (const piece of source) {
    held = Buffer.concat([held, piece]);
    // One chunk is always kept back: which is the last is known only at the end.
    for (; held.length > chunkBytes; held = held.subarray(chunkBytes))
      yield { bytes: held.subarray(0, chunkBytes), isLast: false };
  }
  yield { bytes: held, isLast: true };
}

interface Reader {
  line(): Promise<Buffer>;
  take(length: number): Promise<Buffer>;
  isAtEnd(): Promise<boolean>;
}

function readerOf(source: Bytes): Reader {
  const pieces = source[Symbol.asyncIterator]();
  let held = Buffer.alloc(0);
  const more = async () => {
    const { value, done } = await pieces.next();
    if (done) return false;
    held = Buffer.concat([held, value]);
    return true;
  };
  const take = async (length: number) => {
    while (held.length < length) if (!(await more())) throw refuse(cut);
    const taken = held.subarray(0, length);
    held = held.subarray(length);
    return taken;
  };
  return {
    take,
    async line() {
      let end = held.indexOf(10);
      for (; end < 0; end = held.indexOf(10))
        if (held.length > longestHead || !(await more())) throw refuse("This is no backup of this relay.");
      return take(end + 1);
    },
    async isAtEnd() {
      while (held.length === 0) if (!(await more())) return true;
      return false;
    },
  };
}

const damaged = "The file is damaged: a part of it is not what was written.";
const cut = "The file is cut off: its end is missing.";

function refuse(message: string): Failure {
  return new Failure("request.malformed", { message, isRetryable: false });
}
