import { Failure } from "../../failure.ts";
import { putPassword } from "../../core/people/password.ts";
import { unlistSessions } from "../../core/people/session-list.ts";
import { forgetStandings, revokeSession } from "../../core/people/session.ts";
import { begin, describeSession } from "./start-session.ts";
import { buildCookie, sessionCookie } from "../http/cookies.ts";
import type { Operation } from "../http/operation.ts";
import { operation, signedIn } from "../http/operation.ts";
import { passkeyOperations } from "./passkeys.ts";
import { proveBoth, provePassword } from "./verify-password.ts";
import { secondFactorOperations } from "./second-factor.ts";
import { sessionListOperations } from "./session-list.ts";
import { PasswordChange, SessionView, SignIn } from "./session-schema.ts";

/** Who is signed in, and how: the only operations of which some are public, those that sign in. */
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
      const admin = await proveBoth(body, request, env);
      return begin(admin, body.bearer ? "bearer" : "cookie", { request, setCookie }, env);
    },
  }),
  operation({
    method: "GET",
    path: "/admin/session",
    id: "getSession",
    summary: "Who is signed in, until when, and the CSRF token of a session by cookie.",
    answer: SessionView,
    run: async ({ session }, env) => describeSession(signedIn(session), env),
  }),
  operation({
    method: "DELETE",
    path: "/admin/session",
    id: "signOut",
    summary: "Sign out: the session ends on every instance within five seconds, here at once.",
    async run({ session, request, setCookie }, env) {
      const own = signedIn(session);
      await Promise.all([revokeSession(own, env), unlistSessions([own.id], env)]);
      if (own.kind === "cookie") setCookie(buildCookie(sessionCookie, "", request, env));
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
      await provePassword({ username, password: body.currentPassword, field: "currentPassword" }, request, env);
      const admin = await putPassword(body.newPassword, env);
      forgetStandings(env);
      return begin(admin, kind, { request, setCookie }, env);
    },
  }),
  ...secondFactorOperations,
  ...passkeyOperations,
  ...sessionListOperations,
];
