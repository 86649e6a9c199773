import { createHash, createHmac, hkdfSync, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import type { Env } from "../../env.ts";
import { perEnv } from "../../env.ts";

/** The operator's password as it was changed in the console. Kept under `passwordName`; absent: the environment's counts. */
interface StoredPassword {
  /** `scrypt$N$r$p$salt$hash`, base64url. */
  readonly password: string;
  /** Changes with the password; a session bears the generation that it was opened under. */
  readonly generation: string;
  readonly changedAt: number;
}

/** The operator: one name, one password. */
export interface Admin {
  readonly username: string;
  /** Every session of another generation has ended: a changed password, here or in the environment, ends them all. */
  readonly generation: string;
  /** Undefined: the environment's password counts. */
  readonly password: string | undefined;
  /** A password was changed here, but `ADMIN_PASSWORD_RESET` puts the environment's over it. */
  readonly isOverruled: boolean;
}

export const passwordName = "admin/password";

/** Who the operator is, from the value that the store has under `passwordName`. */
export function buildAdmin(value: string | undefined, env: Env): Admin {
  const { ADMIN_USERNAME: username, ADMIN_PASSWORD, ADMIN_PASSWORD_RESET } = env.config;
  const stored = value === undefined ? undefined : (JSON.parse(value) as StoredPassword);
  if (stored !== undefined && !ADMIN_PASSWORD_RESET) {
    return { username, generation: stored.generation, password: stored.password, isOverruled: false };
  }
  const generation = createHmac("sha256", deriveKey("admin generation", env))
    .update(`${username}\n${ADMIN_PASSWORD}`)
    .digest("base64url");
  return {
    username,
    generation: `env-${generation.slice(0, 22)}`,
    password: undefined,
    isOverruled: stored !== undefined,
  };
}

/** The operator, read afresh. One command. */
export async function readAdmin(env: Env): Promise<Admin> {
  const [value] = await env.store.read([passwordName]);
  return buildAdmin(value, env);
}

/**
 * Whether name and password are the operator's. The password is always compared, whatever the name, so that a wrong name
 * takes the time of a wrong password.
 */
export async function isAdmin(admin: Admin, username: string, password: string, env: Env): Promise<boolean> {
  const isName = isSame(username, admin.username);
  const isPassword =
    admin.password === undefined
      ? isSame(password, env.config.ADMIN_PASSWORD)
      : await matches(password, admin.password);
  return isName && isPassword;
}

/** Sets the operator's password; all sessions opened before end. One command. */
export async function putPassword(password: string, env: Env): Promise<Admin> {
  const stored: StoredPassword = {
    password: await hashPassword(password),
    generation: randomBytes(16).toString("base64url"),
    changedAt: env.now(),
  };
  await env.store.write(passwordName, JSON.stringify(stored));
  return buildAdmin(JSON.stringify(stored), env);
}

/** Forgets the password changed in the console, for good: what `ADMIN_PASSWORD_RESET` asks for. */
export async function forgetPassword(env: Env): Promise<void> {
  await env.store.remove([passwordName]);
}

const keysOf = perEnv(() => new Map<string, Buffer>());

/** A key for one purpose only, from JWT_SECRET by HKDF with the purpose as label (RFC 5869). */
export function deriveKey(label: string, env: Env): Buffer {
  const keys = keysOf(env);
  const key = keys.get(label) ?? Buffer.from(hkdfSync("sha256", env.config.JWT_SECRET, "claude-relay", label, 32));
  keys.set(label, key);
  return key;
}

/** Equal, in a time that does not depend on where they differ, nor on their lengths. */
export function isSame(one: string, other: string): boolean {
  const digest = (value: string) => createHash("sha256").update(value).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** N, r and p that OWASP's Password Storage Cheat Sheet gives for 32 MiB, which a small function can spare. */
const strength = { N: 32_768, r: 8, p: 3 };
const hashBytes = 32;

/** Whether checking a hash costs no more than one of our own; false for what is none. */
export function isCheapHash(stored: string): boolean {
  const [N = 0, r = 0, p = 0] = (/^scrypt\$(\d+)\$(\d+)\$(\d+)\$[\w-]+\$[\w-]+$/.exec(stored) ?? [])
    .slice(1)
    .map(Number);
  return (
    N >= 2 && r >= 1 && p >= 1 && N * r * p <= strength.N * strength.r * strength.p && N * r <= strength.N * strength.r
  );
}

async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await runScrypt(password, salt, strength);
  return ["scrypt", strength.N, strength.r, strength.p, salt.toString("base64url"), hash.toString("base64url")].join(
    "$",
  );
}

async function matches(password: string, stored: string): Promise<boolean> {
  const [scheme, N, r, p, salt = "", hash = ""] = stored.split("$");
  if (scheme !== "scrypt") return false;
  const found = await runScrypt(password, Buffer.from(salt, "base64url"), { N: Number(N), r: Number(r), p: Number(p) });
  const wanted = Buffer.from(hash, "base64url");
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}

function runScrypt(password: string, salt: Buffer, cost: { N: number; r: number; p: number }): Promise<Buffer> {
  const options = { ...cost, maxmem: 256 * cost.N * cost.r };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, hashBytes, options, (error, hash) =>
      error ? reject(error) : resolve(hash),
    );
  });
}
