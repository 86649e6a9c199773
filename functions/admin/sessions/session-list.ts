import * as z from "zod/mini";
import type { Env } from "../../env.ts";
import { readAdmin } from "../../core/people/password.ts";
import { listSessions, unlistSessions, type SessionRecord } from "../../core/people/session-list.ts";
import { revokeSession, type Session } from "../../core/people/session.ts";
import { component } from "../http/component.ts";
import { byId, flag, instant } from "../http/fields.ts";
import { unknownRecord } from "../http/invalid.ts";
import type { Operation } from "../http/operation.ts";
import { operation, signedIn } from "../http/operation.ts";

const SessionList = component(
  "SessionList",
  z.object({
    items: z.array(
      z.object({
        id: z.string(),
        kind: z.enum(["cookie", "bearer"]).check(z.describe("A browser's cookie, or a script's bearer token.")),
        ip: z.string().check(z.describe("From where it was opened.")),
        agent: z.string().check(z.describe("What the browser or script called itself.")),
        createdAt: instant("When it was opened."),
        expiresAt: instant("When it ends by itself."),
        isThis: flag("Whether it is the session that asks."),
      }),
    ),
  }),
);

/** Who is signed in from where, and how to end that. */
export const sessionListOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/session/list",
    id: "listSessions",
    summary: "Sessions in force, the newest first.",
    answer: SessionList,
    run: async ({ session }, env) => view(await list(env), signedIn(session)),
  }),
  operation({
    method: "DELETE",
    path: "/admin/session/list",
    id: "revokeOtherSessions",
    summary: "End every session but the one that asks; on every instance within five seconds.",
    answer: SessionList,
    async run({ session }, env) {
      const own = signedIn(session);
      const listed = await list(env);
      await revoke(
        listed.filter(({ id }) => id !== own.id),
        own.username,
        env,
      );
      return view(
        listed.filter(({ id }) => id === own.id),
        own,
      );
    },
  }),
  operation({
    method: "DELETE",
    path: "/admin/session/list/:id",
    id: "revokeSession",
    summary: "End one session; on every instance within five seconds.",
    params: byId,
    async run({ params, session }, env) {
      const found = (await list(env)).filter(({ id }) => id === params.id);
      if (found.length === 0) throw unknownRecord("session", params.id);
      await revoke(found, signedIn(session).username, env);
    },
  }),
];

const list = async (env: Env) => listSessions(await readAdmin(env), env);

async function revoke(records: readonly SessionRecord[], username: string, env: Env): Promise<void> {
  await Promise.all(records.map((record) => revokeSession({ ...record, username }, env)));
  await unlistSessions(
    records.map(({ id }) => id),
    env,
  );
}

function view(records: readonly SessionRecord[], own: Session): z.infer<typeof SessionList> {
  return {
    items: records.map(({ id, kind, ip, agent, createdAt, expiresAt }) => {
      return { id, kind, ip, agent, createdAt, expiresAt, isThis: id === own.id };
    }),
  };
}
