import { createDecipheriv, createHash, scryptSync } from "node:crypto";
import { objectOf, parseJson } from "../../wire/json.ts";

/** claude-relay-service encrypts with AES-256-CBC under a key from scrypt with a fixed salt, one a kind of account. */
export type Decrypt = (text: string | undefined) => string | undefined;

/** Opens `ivHex:cipherHex`. Undefined for nothing, and for what does not open: there is no tag to tell a wrong key by. */
export function decryptWith(encryptionKey: string, salt: string): Decrypt {
  const key = scryptSync(encryptionKey, salt, 32);
  return (text) => {
    const [, iv = "", bytes = ""] = /^([0-9a-f]{32}):([0-9a-f]+)$/.exec(text ?? "") ?? [];
    return iv === "" ? undefined : open(key, iv, bytes);
  };
}

/** Bedrock's own form: an object `{encrypted, iv}` of hex, the key being the plain SHA-256 of ENCRYPTION_KEY, the content JSON. */
export function openBedrock(encryptionKey: string, value: unknown): unknown {
  const { encrypted, iv } = objectOf(value);
  if (typeof encrypted !== "string" || typeof iv !== "string") return undefined;
  const plain = open(createHash("sha256").update(encryptionKey).digest(), iv, encrypted);
  return plain === undefined ? undefined : parseJson(plain);
}

function open(key: Buffer, iv: string, bytes: string): string | undefined {
  try {
    const decipher = createDecipheriv("aes-256-cbc", key, Buffer.from(iv, "hex"));
    const plain = Buffer.concat([decipher.update(Buffer.from(bytes, "hex")), decipher.final()]);
    return new TextDecoder("utf-8", { fatal: true }).decode(plain);
  } catch (error) {
    // Another ENCRYPTION_KEY, or no ciphertext: the account is reported as not opened.
    void error;
    return undefined;
  }
}
