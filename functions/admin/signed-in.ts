import { Failure } from "../failure.ts";
import type { Session } from "../records/session.ts";

/** The session of an operation that the guard has let through. */
export function signedIn(session: Session | undefined): Session {
  if (!session) throw new Failure("session.missing", { message: "Sign in first: there is no session." });
  return session;
}
