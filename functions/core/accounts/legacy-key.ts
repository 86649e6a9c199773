import { hash as digest } from "node:crypto";
import type { Pool } from "./pool.ts";
import { unseal, type SealKeys } from "./seal.ts";

/**
 * Keys that came from claude-relay-service are stored by the hash of the secret and that service's ENCRYPTION_KEY, put one
 * after the other. That key is kept sealed in the pool, one field for each service that was taken over.
 */
export const pepperField = (pepper: string): string =>
  `setting/pepper/${digest("sha256", `pepper ${pepper}`, "hex").slice(0, 12)}`;

export function legacyHash(secret: string, pepper: string): string {
  return digest("sha256", secret + pepper, "hex");
}

/** The hashes that a secret may be stored by beside its own; none where nothing was taken over. */
export function legacyHashes(secret: string, pool: Pick<Pool, "settings">, keys: SealKeys): string[] {
  const peppers = [...pool.settings].filter(([name]) => name.startsWith("pepper/"));
  return peppers.map(([name, sealed]) => legacyHash(secret, unseal(String(sealed), `setting/${name}`, keys)));
}
