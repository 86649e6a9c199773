import type { Env } from "../../env.ts";

/** A passkey of the operator: what proves a signature of it. Nothing here signs, so it is kept as it is. */
export interface Passkey {
  /** The credential's id, base64url. */
  readonly id: string;
  readonly name: string;
  /** COSE (RFC 9052), base64url. */
  readonly publicKey: string;
  /** How often it has signed, as it tells; 0 for those that do not count, such as synchronised ones. */
  readonly counter: number;
  readonly transports: readonly string[];
  /** The host that it was made for, and the only one that it signs for. */
  readonly host: string;
  /** Whether its maker keeps a copy of it, so that a lost device does not lose it. */
  readonly isBackedUp: boolean;
  readonly createdAt: number;
  readonly usedAt: number | null;
}

export const passkeysTable = "admin/passkeys";

/** The oldest first. One command. */
export async function listPasskeys(env: Env): Promise<Passkey[]> {
  const all = Object.values(await env.store.list(passkeysTable)).map((value) => JSON.parse(value) as Passkey);
  return all.sort((one, other) => one.createdAt - other.createdAt);
}

/** One command. */
export async function findPasskey(id: string, env: Env): Promise<Passkey | undefined> {
  const [value] = await env.store.find(passkeysTable, [id]);
  return value === undefined ? undefined : (JSON.parse(value) as Passkey);
}

/** One command. */
export async function putPasskey(passkey: Passkey, env: Env): Promise<void> {
  await env.store.put(passkeysTable, { [passkey.id]: JSON.stringify(passkey) });
}

/** One command. */
export async function dropPasskey(id: string, env: Env): Promise<void> {
  await env.store.drop(passkeysTable, [id]);
}

/** One command. */
export async function forgetPasskeys(env: Env): Promise<void> {
  await env.store.remove([passkeysTable]);
}
