import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { Failure } from "../../failure.ts";
import { memoize } from "../../wire/maps.ts";

/** The keys that seal with: the present one, and the one before it while a rotation is under way. */
export interface SealKeys {
  readonly ENCRYPTION_KEY: string;
  readonly ENCRYPTION_KEY_PREVIOUS?: string | undefined;
}

/** A key for one purpose only, by HKDF with the purpose as label: no key serves two ends (RFC 5869). */
export const derive = (key: string, label: string): Buffer => deriveNamed(`${label}\n${key}`);

const deriveNamed = memoize(100, (name: string) => {
  const end = name.indexOf("\n");
  return Buffer.from(hkdfSync("sha256", name.slice(end + 1), "claude-relay", name.slice(0, end), 32));
});

/**
 * Encrypts with AES-256-GCM. `place` (record id and field) is bound in as associated data, so that a sealed value moved to
 * another record does not open. The form is `s1.<iv>.<tag>.<bytes>`, base64url.
 */
export function seal(plain: string, place: string, keys: SealKeys): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", derive(keys.ENCRYPTION_KEY, "seal"), iv).setAAD(Buffer.from(place));
  const bytes = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return ["s1", iv, cipher.getAuthTag(), bytes]
    .map((part) => (typeof part === "string" ? part : part.toString("base64url")))
    .join(".");
}

/** Opens what `seal` made. Throws a Failure when it cannot: sealed bytes are never passed on as if they were the secret. */
export function unseal(sealed: string, place: string, keys: SealKeys): string {
  for (const key of [keys.ENCRYPTION_KEY, keys.ENCRYPTION_KEY_PREVIOUS]) {
    const plain = key === undefined ? undefined : open(sealed, place, key);
    if (plain !== undefined) return plain;
  }
  throw new Failure("credential.rejected", {
    message: "A stored credential cannot be decrypted: ENCRYPTION_KEY is not the one it was sealed with.",
    isRetryable: false,
  });
}

/** Whether a value has the form of a sealed one. */
export function isSealed(value: unknown): value is string {
  return typeof value === "string" && /^s1\.[\w-]+\.[\w-]+\.[\w-]*$/.test(value);
}

/** Whether the present key sealed it, not the one before. */
export function isSealedNow(sealed: string, place: string, keys: SealKeys): boolean {
  return open(sealed, place, keys.ENCRYPTION_KEY) !== undefined;
}

function open(sealed: string, place: string, key: string): string | undefined {
  const [version, iv, tag, bytes] = sealed.split(".");
  if (version !== "s1" || !iv || !tag || bytes === undefined) return undefined;
  try {
    const decipher = createDecipheriv("aes-256-gcm", derive(key, "seal"), Buffer.from(iv, "base64url"));
    decipher.setAAD(Buffer.from(place)).setAuthTag(Buffer.from(tag, "base64url"));
    return Buffer.concat([decipher.update(Buffer.from(bytes, "base64url")), decipher.final()]).toString("utf8");
  } catch (error) {
    // A wrong key and a tampered value look alike; the caller tries the other key and then says so.
    void error;
    return undefined;
  }
}
