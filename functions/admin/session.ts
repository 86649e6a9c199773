import type { Env } from "../env.ts";
import { Failure } from "../failure.ts";
import type { Admin } from "../records/admin.ts";
import { forgetPassword, isAdmin, putPassword, readAdmin } from "../records/admin.ts";
import type { Session } from "../records/session.ts";
import { csrfToken, forgetStandings, openSession, revokeSession } from "../records/session.ts";
import { countTry, succeed } from "../records/throttle.ts";
import type { Request } from "../wire/exchange.ts";
import { buildCookie } from "./cookie.ts";
import { buildDeviceCookie, readDevice } from "./device.ts";
import { invalid } from "./invalid.ts";
import type { Operation } from "./operation.ts";
import { operation } from "./operation.ts";
import { sessionCookie } from "./session-cookie.ts";
import { PasswordChange, SessionView, SignIn } from "./session-schema.ts";

/** Who is signed in, and how: the only operations of which one is public. */
export const sessionOperations: readonly Operation[] = [
  operation({
    method: "POST",
    path: "/admin/session",
    id: "signIn",
    summary: "Sign in: sets a session cookie, or answers a bearer token for scripts.",
    isPublic: true,
    body: SignIn,
    answer: SessionView,
    status: 201,
    async run({ body, request, setCookie }, env) {
      const admin = await prove(body, request, env);
      const { session, token } = await openSession(admin, body.bearer ? "bearer" : "cookie", env);
      if (session.kind === "bearer") return { ...describe(session, env), token };
      setCookie(buildCookie(sessionCookie, token, request));
      setCookie(buildDeviceCookie(request, env));
      return describe(session, env);
    },
  }),
  operation({
    method: "GET",
    path: "/admin/session",
    id: "getSession",
    summary: "Who is signed in, until when, and the CSRF token of a session by cookie.",
    answer: SessionView,
    run: async ({ session }, env) => describe(signedIn(session), env),
  }),
  operation({
    method: "DELETE",
    path: "/admin/session",
    id: "signOut",
    summary: "Sign out: the session ends on every instance within five seconds, here at once.",
    async run({ session, request, setCookie }, env) {
      await revokeSession(signedIn(session), env);
      if (session?.kind === "cookie") setCookie(buildCookie(sessionCookie, "", request));
    },
  }),
  operation({
    method: "PUT",
    path: "/admin/session/password",
    id: "changePassword",
    summary: "Change the password. Every session ends; the caller gets a new one of its kind.",
    body: PasswordChange,
    answer: SessionView,
    async run({ body, session, request, setCookie }, env) {
      const { username, kind } = signedIn(session);
      if (env.config.ADMIN_PASSWORD_RESET) {
        throw new Failure("record.conflict", {
          message: "ADMIN_PASSWORD_RESET is on: take it out of the environment first.",
        });
      }
      await prove({ username, password: body.currentPassword, field: "currentPassword" }, request, env);
      const admin = await putPassword(body.newPassword, env);
      forgetStandings(env);
      const { session: next, token } = await openSession(admin, kind, env);
      if (kind === "bearer") return { ...describe(next, env), token };
      setCookie(buildCookie(sessionCookie, token, request));
      return describe(next, env);
    },
  }),
];

interface Shown {
  readonly username: string;
  readonly password: string;
  /** The body's field that a wrong password is about; undefined at sign-in, which does not tell name from password. */
  readonly field?: string;
}

/** The operator, if name and password are right. Counts the try first and hashes only then. Throws `login.wrong`, `login.throttled`. */
async function prove(shown: Shown, request: Request, env: Env): Promise<Admin> {
  const { username, password, field } = shown;
  const counted = await countTry({ ip: request.ip, name: username, device: readDevice(request, env) }, env);
  const admin = await readAdmin(env);
  if (!(await isAdmin(admin, username, password, env))) {
    env.log("warn", "admin.wrong-password", { request: request.id, ip: request.ip });
    if (field) throw invalid(field, "is not the password");
    throw new Failure("login.wrong", { message: "Name or password is wrong." });
  }
  await succeed(counted, env);
  if (admin.isOverruled) await forgetPassword(env);
  return admin;
}

function describe(session: Session, env: Env) {
  const csrf = session.kind === "cookie" ? { csrfToken: csrfToken(session, env) } : {};
  return { username: session.username, expiresAt: session.expiresAt, ...csrf };
}

function signedIn(session: Session | undefined): Session {
  if (!session) throw new Failure("session.missing", { message: "Sign in first: there is no session." });
  return session;
}
