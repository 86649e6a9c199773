import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from "node:crypto";
import { derive, type SealKeys } from "../../core/accounts/seal.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import type { Call } from "../dialects/dialect.ts";
import { gemini } from "./google/gemini.ts";
import { unpack } from "./splice.ts";

/** What a provider keeps for an account: a file, a batch, a cached prefix. */
export interface Kept {
  readonly account: string;
  /** The provider's own id of it. */
  readonly id: string;
}

/**
 * The id that a client sees: the provider's prefix, then account and id, encrypted for one key. The same thing has the same
 * id each time. Synthetic IV in the manner of RFC 5297: the HMAC of the plain text is IV and proof. Lower-case hex, since
 * Google's SDK cuts a file's name at the first other character.
 */
export function sealId({ account, id }: Kept, keyId: string, { ENCRYPTION_KEY }: SealKeys): string {
  const plain = Buffer.from(`${account}\n${id}`);
  const iv = proofOf(plain, keyId, ENCRYPTION_KEY);
  const cipher = createCipheriv("aes-256-ctr", derive(ENCRYPTION_KEY, "kept id"), iv);
  const head = /^[a-z]+[_-]/.exec(id)?.[0] ?? "";
  return `${head}crid${Buffer.concat([iv, cipher.update(plain), cipher.final()]).toString("hex")}`;
}

const proofOf = (plain: Buffer, keyId: string, key: string): Buffer =>
  createHmac("sha256", derive(key, "kept id proof")).update(`${keyId}\n`).update(plain).digest().subarray(0, 16);

/** Undefined for what is no sealed id; throws `record.unknown` for one that another key was given, or that was made up. */
export function openId(text: string, keyId: string, keys: SealKeys): Kept | undefined {
  const hex = /^(?:[a-z]+[_-])?crid((?:[0-9a-f]{2}){17,})$/.exec(text)?.[1];
  if (hex === undefined) return undefined;
  for (const key of [keys.ENCRYPTION_KEY, keys.ENCRYPTION_KEY_PREVIOUS]) {
    if (key === undefined) continue;
    const bytes = Buffer.from(hex, "hex");
    const iv = bytes.subarray(0, 16);
    const cipher = createDecipheriv("aes-256-ctr", derive(key, "kept id"), iv);
    const plain = Buffer.concat([cipher.update(bytes.subarray(16)), cipher.final()]);
    if (!timingSafeEqual(iv, proofOf(plain, keyId, key))) continue;
    const [account = "", id = ""] = plain.toString("utf8").split("\n");
    return { account, id };
  }
  throw new Failure("record.unknown", {
    message: `${text.slice(0, 24)}… was not given to this API key by this relay.`,
  });
}

export interface Opener {
  readonly keyId: string;
  readonly pool: Pool;
}

const inPath = /(?:[a-z]+[_-])?crid[0-9a-f]{34,}/g;
/** A whole string of a JSON text: an id, a name (`files/…`), or a file's address here. An escaped quote begins none. */
const inJson =
  /(?<!\\)"((?:https?:\/\/[^"\\\s]{1,300}?\/(?=files\/))?(?:(?:files|cachedContents|batches)\/)?)((?:[a-z]+[_-])?crid[0-9a-f]{34,})"/g;

/**
 * A call whose path, query and body name things that accounts keep, in those accounts' own ids: it goes to that account.
 * Throws `record.unknown`, and `request.malformed` where they are of several accounts.
 */
export function openIds(call: Call, { keyId, pool }: Opener, env: Pick<Env, "config">): Call {
  let account: string | undefined;
  const open = (text: string): string => {
    const kept = openId(text, keyId, env.config);
    if (!kept) return text;
    if (account !== undefined && account !== kept.account) {
      throw new Failure("request.malformed", {
        message:
          "The request names files or batches of several of the relay's accounts. Upload them anew in one session.",
      });
    }
    account = kept.account;
    return kept.id;
  };
  const target = call.target.includes("crid") ? call.target.replaceAll(inPath, open) : call.target;
  const isForm = /^multipart\//i.test(call.headers["content-type"] ?? "");
  const plain = isForm || !(call.plain ?? call.body).includes("crid") ? undefined : unpack(call);
  const body = plain?.body.toString("latin1").replaceAll(inJson, (_all, before: string, sealed: string) => {
    const id = open(sealed);
    const holder = pool.accountById.get(account ?? "");
    const isAddress = before.startsWith("http") && holder !== undefined;
    return `"${isAddress ? gemini.address(holder, { ...call, target: `/v1beta/files/${id}` }) : `${before}${id}`}"`;
  });
  if (account === undefined) return call;
  if (!plain || body === undefined) return { ...call, target, account };
  const opened = Buffer.from(body, "latin1");
  const rules = [...plain.rules, "ids opened: the account that keeps what they name serves the call"];
  return { ...plain, target, account, body: opened, plain: opened, plainBytes: opened.length, rules };
}
