import { createHash } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import { seal, unseal } from "../accounts/seal.ts";

/** What an authenticator app shares with the relay, kept sealed under `secondFactorName`; absent: sign-in asks for no code. */
interface SecondFactor {
  /** Base32, as apps take it. */
  readonly secret: string;
  /** SHA-256 of the recovery codes that are left; they have 80 random bits each, so nothing slower is needed. */
  readonly recovery: readonly string[];
  readonly sinceAt: number;
}

export const secondFactorName = "admin/second-factor";
const draftName = "admin/second-factor/draft";
const draftSeconds = 900;
const recoveryCodes = 10;
/** As many as there are codes. */
const mostRaces = recoveryCodes;

/** RFC 6238 as every app knows it: SHA-1, six digits, half a minute; a code of the half minute before and after counts too. */
const stepMs = 30_000;
const window = 1;
/** Longer than any code is taken. */
const usedSeconds = 300;

export interface Draft {
  readonly secret: string;
  /** `otpauth://totp/…`, what the QR code says. */
  readonly uri: string;
  readonly expiresAt: number;
}

/** The second factor; undefined if there is none. One command. Throws `credential.rejected` if it cannot be decrypted. */
export async function readSecondFactor(env: Env): Promise<SecondFactor | undefined> {
  const [sealed] = await env.store.read([secondFactorName]);
  return sealed === undefined ? undefined : open(sealed, env);
}

function open(sealed: string, env: Env): SecondFactor {
  return JSON.parse(unseal(sealed, secondFactorName, env.config)) as SecondFactor;
}

/** A new secret to be shown once and confirmed by a code within a quarter of an hour. One command. */
export async function draftSecondFactor(username: string, env: Env): Promise<Draft> {
  const secret = new Secret({ size: 20 }).base32;
  await env.store.write(draftName, seal(secret, draftName, env.config), { ttlSeconds: draftSeconds });
  const uri = totpOf(secret, { issuer: env.config.WEB_TITLE, label: username }).toString();
  return { secret, uri, expiresAt: env.now() + draftSeconds * 1000 };
}

/** Takes the drafted secret into force if the code is its own: the recovery codes, told this once. Undefined if it is not. */
export async function confirmSecondFactor(code: string, env: Env): Promise<string[] | undefined> {
  const [sealed] = await env.store.read([draftName]);
  if (sealed === undefined) return undefined;
  const secret = unseal(sealed, draftName, env.config);
  if (!(await isAppCode(secret, code, env))) return undefined;
  const codes = Array.from({ length: recoveryCodes }, buildRecoveryCode);
  await keep({ secret, recovery: codes.map(digest), sinceAt: env.now() }, env);
  await env.store.remove([draftName]);
  return codes;
}

/** Whether a code is the app's of this minute or a recovery code, and was not used before: two who show one at once are one. */
export async function isSecondFactor(factor: SecondFactor, code: string, env: Env): Promise<boolean> {
  if (/^\d[\d ]*$/.test(code)) return isAppCode(factor.secret, code, env);
  const hash = digest(code);
  return factor.recovery.includes(hash) && spend(hash, env);
}

/** Takes a recovery code off the list by compare-and-set, so that two that are used at once are both gone. True for one caller. */
async function spend(hash: string, env: Env): Promise<boolean> {
  for (let races = 0; races <= mostRaces; races += 1) {
    const [expected] = await env.store.read([secondFactorName]);
    const factor = expected === undefined ? undefined : open(expected, env);
    if (!factor?.recovery.includes(hash)) return false;
    const next = sealed({ ...factor, recovery: factor.recovery.filter((one) => one !== hash) }, env);
    if (await env.store.fold({ cursor: secondFactorName, expected, next, tables: {} })) return true;
  }
  throw new Failure("store.unavailable", { message: "Too many sign-ins at once: try again." });
}

export async function forgetSecondFactor(env: Env): Promise<void> {
  await env.store.remove([secondFactorName, draftName]);
}

async function isAppCode(secret: string, code: string, env: Env): Promise<boolean> {
  const at = env.now();
  const delta = totpOf(secret).validate({ token: code.replaceAll(" ", ""), timestamp: at, window });
  if (delta === null) return false;
  return claim(`${digest(secret).slice(0, 16)}/${Math.floor(at / stepMs) + delta}`, env);
}

/** True for the first who shows it, on whatever instance. */
function claim(what: string, env: Env): Promise<boolean> {
  return env.store.write(`admin/code/${what}`, "used", { ttlSeconds: usedSeconds, onlyIfAbsent: true });
}

async function keep(factor: SecondFactor, env: Env): Promise<void> {
  await env.store.write(secondFactorName, sealed(factor, env));
}

function sealed(factor: SecondFactor, env: Env): string {
  return seal(JSON.stringify(factor), secondFactorName, env.config);
}

function totpOf(secret: string, names: { issuer?: string; label?: string } = {}): TOTP {
  return new TOTP({ ...names, secret: Secret.fromBase32(secret), algorithm: "SHA1", digits: 6, period: stepMs / 1000 });
}

/** `abcd-efgh-ijkl-mnop`, in base32, which has no 0, 1 or 8 to be mistaken for letters. */
function buildRecoveryCode(): string {
  const letters = new Secret({ size: 10 }).base32.toLowerCase();
  return (letters.match(/.{4}/g) ?? []).join("-");
}

/** As people type it: case, spaces and dashes do not count. */
function digest(code: string): string {
  return createHash("sha256").update(code.toLowerCase().replace(/[\s-]/g, "")).digest("base64url");
}
