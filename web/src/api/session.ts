import { useSyncExternalStore } from "react";
import type { components } from "./schema.d.ts";
import { refusalOf, unreachable } from "./refused.ts";

export type Session = components["schemas"]["Session"];

/**
 * Who is signed in. `ended`: there was a session in this page and it is over, so signing in happens over the page, which
 * then goes on where it stood. The CSRF token lives in this module's memory only.
 */
export type Standing =
  | { readonly kind: "asking" }
  | { readonly kind: "none" }
  | { readonly kind: "open" | "ended"; readonly session: Session }
  | { readonly kind: "failed"; readonly error: Error };

let standing: Standing = { kind: "asking" };
const listeners = new Set<() => void>();
let waiting: (() => void)[] = [];

function move(next: Standing): void {
  standing = next;
  for (const listener of listeners) listener();
}

export function useStanding(): Standing {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => standing,
  );
}

export const csrfToken = (): string => (standing.kind === "open" ? (standing.session.csrfToken ?? "") : "");

/** A session is there: whoever waited for it goes on. */
export function open(session: Session): void {
  move({ kind: "open", session });
  const ready = waiting;
  waiting = [];
  for (const go of ready) go();
}

export function close(): void {
  move({ kind: "none" });
}

/** The server knows the session no longer: resolves when somebody has signed in again. */
export function untilOpen(): Promise<void> {
  if (standing.kind === "open") move({ kind: "ended", session: standing.session });
  return new Promise((resolve) => waiting.push(resolve));
}

/** Asks the server who is signed in; used at the start, and when the CSRF token is found to be another tab's. */
export async function ask(): Promise<void> {
  try {
    const response = await fetch("/admin/session", { headers: { accept: "application/json" } });
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok) return open(body as Session);
    if (response.status === 401)
      return standing.kind === "open" ? move({ kind: "ended", session: standing.session }) : close();
    move({ kind: "failed", error: refusalOf(response, body) });
  } catch (error) {
    move({ kind: "failed", error: unreachable(error) });
  }
}

/** Throws Refused: `login.code-missing` if there is a second factor and no code of it. */
export const signIn = (shown: { username: string; password: string; code?: string }): Promise<void> =>
  enter("/admin/session", shown);

/** Opens the session of whoever shows what signs in there. Throws Refused. */
export async function enter(path: string, shown: object): Promise<void> {
  open((await send("POST", path, shown)) as Session);
}

/** For what is asked without a session. Throws Refused. */
export async function send(method: "GET" | "POST", path: string, shown?: object): Promise<unknown> {
  const response = await fetch(path, {
    method,
    headers: { "content-type": "application/json", accept: "application/json" },
    ...(shown ? { body: JSON.stringify(shown) } : {}),
  }).catch((error: unknown) => {
    throw unreachable(error);
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw refusalOf(response, body);
  return body;
}
