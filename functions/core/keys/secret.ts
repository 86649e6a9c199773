import { createHmac, hash as digest, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { perEnv, type Env } from "../../env.ts";

/** `cr_` and 64 hex digits, the format that users' tools already know: 192 random bits, and 64 bits that prove them ours. */
const format = /^cr_([0-9a-f]{48})([0-9a-f]{16})$/;
const randomBytesOf = 24;

const macKeysOf = perEnv(() => new Map<string, Buffer>());

/** A key for one purpose only, by HKDF with the purpose as label (RFC 5869). */
function macKey(encryptionKey: string, env: Env): Buffer {
  const keys = macKeysOf(env);
  const key = keys.get(encryptionKey) ?? Buffer.from(hkdfSync("sha256", encryptionKey, "claude-relay", "api key", 32));
  keys.set(encryptionKey, key);
  return key;
}

const macOf = (random: string, key: Buffer) => createHmac("sha256", key).update(random).digest().subarray(0, 8);

/** A new secret of an API key. */
export function buildSecret(env: Env): string {
  const random = randomBytes(randomBytesOf).toString("hex");
  return `cr_${random}${macOf(random, macKey(env.config.ENCRYPTION_KEY, env)).toString("hex")}`;
}

/** Whether this relay made the secret, under the present ENCRYPTION_KEY or the one before. Costs no command. */
export function isOwnSecret(secret: string, env: Env): boolean {
  const [, random, shown] = format.exec(secret) ?? [];
  if (random === undefined || shown === undefined) return false;
  const { ENCRYPTION_KEY, ENCRYPTION_KEY_PREVIOUS } = env.config;
  return [ENCRYPTION_KEY, ENCRYPTION_KEY_PREVIOUS].some(
    (key) => key !== undefined && timingSafeEqual(Buffer.from(shown, "hex"), macOf(random, macKey(key, env))),
  );
}

/** Names the key by which new secrets are proved, and tells nothing of it. */
export function secretKeyName(env: Env): string {
  return macOf("name", macKey(env.config.ENCRYPTION_KEY, env)).toString("hex");
}

export function hashSecret(secret: string): string {
  return digest("sha256", secret, "hex");
}

export function idOfHash(hash: string): string {
  return hash.slice(0, 32);
}
