import { createHmac, randomUUID } from "node:crypto";
import { SignJWT, errors, jwtVerify } from "jose";
import type { Env } from "../../env.ts";
import { cache } from "../../env.ts";
import { Failure } from "../../failure.ts";
import type { Admin } from "./password.ts";
import { buildAdmin, deriveKey, isSame, passwordName } from "./password.ts";
import { isFresh } from "../keys/key.ts";

/** How a session is shown: a browser's cookie needs a CSRF token on top, a script's bearer does not. */
export type SessionKind = "cookie" | "bearer";

/** A signed-in operator. */
export interface Session {
  readonly id: string;
  readonly username: string;
  readonly kind: SessionKind;
  readonly expiresAt: number;
}

export const sessionSeconds = 86_400;
const issuer = "claude-relay";

/** What is known of a session's standing in the store: read in one command, trusted for a few seconds. */
interface Standing {
  readonly at: number;
  readonly isRevoked: boolean;
  readonly username: string;
  readonly generation: string;
}

const standingsOf = cache<Standing | Promise<Standing>>("sessions");

const signingKey = (env: Env) => deriveKey("admin session", env);
const csrfKey = (env: Env) => deriveKey("admin csrf", env);

/** Opens a session: a JWT (HS256, RFC 7519) for a day. No command. */
export async function openSession(
  admin: Admin,
  kind: SessionKind,
  env: Env,
): Promise<{ session: Session; token: string }> {
  const seconds = Math.floor(env.now() / 1000);
  const session: Session = {
    id: randomUUID(),
    username: admin.username,
    kind,
    expiresAt: (seconds + sessionSeconds) * 1000,
  };
  const token = await new SignJWT({ generation: admin.generation })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer(issuer)
    .setAudience(kind)
    .setSubject(admin.username)
    .setJti(session.id)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + sessionSeconds)
    .sign(signingKey(env));
  return { session, token };
}

/**
 * The session of a token. At most one command, none within a few seconds of the last look. Throws `session.missing` for
 * whatever is not a session in force: garbage, an API key, one that ended, was signed out or is older than the password.
 */
export async function findSession(token: string, kind: SessionKind, env: Env): Promise<Session> {
  const claims = await verify(token, kind, env);
  const standing = await standingOf(claims.id, env);
  const isOfNow = standing.generation === claims.generation && standing.username === claims.username;
  if (standing.isRevoked || !isOfNow) throw ended();
  return { id: claims.id, username: claims.username, kind, expiresAt: claims.expiresAt };
}

/** Ends a session at once here, and within seconds on every other instance. One command. */
export async function revokeSession(session: Session, env: Env): Promise<void> {
  const ttlSeconds = Math.max(1, Math.ceil((session.expiresAt - env.now()) / 1000));
  await env.store.write(revokedName(session.id), "signed out", { ttlSeconds });
  standingsOf(env).delete(session.id);
}

/** Looks at every session afresh, after the password was changed here. */
export function forgetStandings(env: Env): void {
  standingsOf(env).clear();
}

/** The token that a cookie session must send back with every change; tied to the session, kept nowhere. */
export function csrfToken(session: Session, env: Env): string {
  return createHmac("sha256", csrfKey(env)).update(session.id).digest("base64url");
}

export function isCsrfToken(token: string | undefined, session: Session, env: Env): boolean {
  return token !== undefined && isSame(token, csrfToken(session, env));
}

interface Claims {
  readonly id: string;
  readonly username: string;
  readonly generation: string;
  readonly expiresAt: number;
}

async function verify(token: string, kind: SessionKind, env: Env): Promise<Claims> {
  try {
    const { payload } = await jwtVerify(token, signingKey(env), {
      algorithms: ["HS256"],
      issuer,
      audience: kind,
      typ: "JWT",
      currentDate: new Date(env.now()),
      requiredClaims: ["jti", "sub", "exp", "iat", "generation"],
    });
    const { jti, sub, exp, generation } = payload;
    if (typeof jti !== "string" || typeof sub !== "string" || typeof exp !== "number" || typeof generation !== "string")
      throw ended();
    return { id: jti, username: sub, generation, expiresAt: exp * 1000 };
  } catch (error) {
    if (error instanceof errors.JOSEError) throw ended(error);
    throw error;
  }
}

function standingOf(id: string, env: Env): Standing | Promise<Standing> {
  const standings = standingsOf(env);
  const known = standings.get(id);
  if (known !== undefined && (known instanceof Promise || isFresh(known.at, env))) return known;
  const reading = readStanding(id, env).then(
    (standing) => {
      // Whoever signed out meanwhile has removed the entry: what was read before that must not come back.
      if (standings.get(id) === reading) standings.set(id, standing);
      return standing;
    },
    (error: unknown) => {
      if (standings.get(id) === reading) standings.delete(id);
      throw error;
    },
  );
  standings.set(id, reading);
  return reading;
}

async function readStanding(id: string, env: Env): Promise<Standing> {
  const at = env.now();
  const [revoked, password] = await env.store.read([revokedName(id), passwordName]);
  const { username, generation } = buildAdmin(password, env);
  return { at, isRevoked: revoked !== undefined, username, generation };
}

function revokedName(id: string): string {
  return `admin/revoked/${id}`;
}

function ended(cause?: unknown): Failure {
  return new Failure("session.missing", { message: "Sign in first: there is no valid session.", cause });
}
