import { randomUUID } from "node:crypto";
import { SignJWT, errors, jwtVerify } from "jose";
import type { Env } from "../../env.ts";
import { deriveKey } from "./password.ts";

export const challengeSeconds = 300;

const keyOf = (env: Env) => deriveKey("admin challenge", env);

/**
 * What a passkey is to sign: a token of our own that tells its purpose and its end, so that strangers who ask for one cost
 * the store nothing. No command.
 */
export function buildChallenge(purpose: string, env: Env): Promise<string> {
  const seconds = Math.floor(env.now() / 1000);
  return new SignJWT()
    .setProtectedHeader({ alg: "HS256" })
    .setAudience(purpose)
    .setJti(randomUUID())
    .setExpirationTime(seconds + challengeSeconds)
    .sign(keyOf(env));
}

/** True once for a challenge that was made for this purpose and has not ended, on whatever instance. At most one command. */
export async function claimChallenge(challenge: string, purpose: string, env: Env): Promise<boolean> {
  const id = await readId(challenge, purpose, env);
  const ttlSeconds = challengeSeconds + 60;
  return id !== undefined && env.store.write(`admin/challenge/${id}`, "used", { ttlSeconds, onlyIfAbsent: true });
}

async function readId(challenge: string, purpose: string, env: Env): Promise<string | undefined> {
  try {
    const { payload } = await jwtVerify(challenge, keyOf(env), {
      algorithms: ["HS256"],
      audience: purpose,
      currentDate: new Date(env.now()),
      requiredClaims: ["jti", "exp"],
    });
    return payload.jti;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
