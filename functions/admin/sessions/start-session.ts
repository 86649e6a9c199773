import type * as z from "zod/mini";
import type { Env } from "../../env.ts";
import type { Admin } from "../../core/people/password.ts";
import { noteSession } from "../../core/people/session-list.ts";
import { csrfToken, openSession, type Session, type SessionKind } from "../../core/people/session.ts";
import { buildCookie, requireKept, sessionCookie } from "../http/cookies.ts";
import { buildDeviceCookie } from "../http/device.ts";
import { zoneName } from "../../core/limits/period.ts";
import type { Given } from "../http/operation.ts";
import type { SessionView } from "./session-schema.ts";

type View = z.infer<typeof SessionView>;

/** A new session for who has proved to be the operator: cookies for a browser, a token in the answer for a script. */
export async function begin(
  admin: Admin,
  kind: SessionKind,
  { request, setCookie }: Pick<Given, "request" | "setCookie">,
  env: Env,
): Promise<View> {
  if (kind === "cookie") requireKept(request, env);
  const { session, token } = await openSession(admin, kind, env);
  await noteSession(session, { admin, ip: request.ip, agent: request.headers["user-agent"] }, env);
  if (kind === "bearer") return { ...describeSession(session, env), token };
  setCookie(buildCookie(sessionCookie, token, request, env));
  setCookie(buildDeviceCookie(request, env));
  return describeSession(session, env);
}

export function describeSession(session: Session, env: Env): View {
  const csrf = session.kind === "cookie" ? { csrfToken: csrfToken(session, env) } : {};
  return { username: session.username, expiresAt: session.expiresAt, timeZone: zoneName(env.config), ...csrf };
}
