import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import { renewCredential } from "../../core/accounts/credential.ts";
import { buildPool, poolTable, putPool } from "../../core/accounts/pool.ts";
import { isSealed, isSealedNow, seal, unseal } from "../../core/accounts/seal.ts";
import { secondFactorName } from "../../core/people/second-factor.ts";

export interface Rotation {
  /** Values sealed anew with ENCRYPTION_KEY by this run. */
  readonly resealed: number;
  /** Values that ENCRYPTION_KEY had sealed before. */
  readonly current: number;
  /** Where values stand that neither key opens; they are left as they are. */
  readonly unreadable: readonly string[];
}

/**
 * Seals everything anew that ENCRYPTION_KEY_PREVIOUS had sealed: credentials, proxies, other secrets of the pool, the second
 * factor. While it runs both keys open what they sealed, so nothing stops; a run that breaks off is simply run again. Two
 * commands, and two to five for each value that is sealed anew.
 */
export async function rotateKeys(env: Env): Promise<Rotation> {
  const [fields, [factor]] = await Promise.all([env.store.list(poolTable), env.store.read([secondFactorName])]);
  const pool = buildPool(fields, "");
  const found = Object.entries(fields).map(([field, value]) => [field, JSON.parse(value) as unknown] as const);
  const sealed = found.filter((entry): entry is readonly [string, string] => isSealed(entry[1]));
  const write = async (field: string, value: string) => {
    const account = pool.accountById.get(/^account\/([^/]+)\/credential$/.exec(field)?.[1] ?? "");
    // Under the lease of renewals: a token that is renewed meanwhile must not be overwritten by the one it replaces.
    if (account) await renewCredential(account, (stale) => Promise.resolve(stale), env);
    else await putPool({ [field]: value }, env);
  };
  const told = { resealed: 0, current: 0, unreadable: [] as string[] };
  for (const [place, value] of sealed) await reseal({ place, value, write }, told, env);
  if (factor !== undefined) {
    // A recovery code that is used meanwhile must stay used: the next run seals what that left.
    const put = async (cursor: string, next: string) =>
      void (await env.store.fold({ cursor, expected: factor, next, tables: {} }));
    await reseal({ place: secondFactorName, value: factor, write: put }, told, env);
  }
  env.log("info", "keys rotated", told);
  return told;
}

interface Sealed {
  readonly place: string;
  readonly value: string;
  write(place: string, value: string): Promise<void>;
}

async function reseal(
  { place, value, write }: Sealed,
  told: { resealed: number; current: number; unreadable: string[] },
  env: Env,
): Promise<void> {
  if (isSealedNow(value, place, env.config)) {
    told.current += 1;
    return;
  }
  const plain = openOrNot(value, place, env);
  if (plain === undefined) {
    told.unreadable.push(place);
    return;
  }
  await write(place, seal(plain, place, env.config));
  told.resealed += 1;
}

function openOrNot(value: string, place: string, env: Env): string | undefined {
  try {
    return unseal(value, place, env.config);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
