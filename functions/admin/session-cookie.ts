import { sessionSeconds } from "../records/session.ts";
import type { CookieKind } from "./cookie.ts";

/** The cookie that a browser's session is kept in. */
export const sessionCookie: CookieKind = { name: "relay_session", path: "/admin", seconds: sessionSeconds };
