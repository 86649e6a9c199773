import type { Env } from "../../env.ts";
import type { Admin } from "./password.ts";
import type { Session, SessionKind } from "./session.ts";

/** A session as the list tells it. A session is in force by its token alone; this record is for people to see and end it. */
export interface SessionRecord {
  readonly id: string;
  readonly kind: SessionKind;
  readonly ip: string;
  /** What the browser or script calls itself. */
  readonly agent: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly generation: string;
}

const table = "admin/sessions";
const longestAgent = 300;

/** Notes a session that was just opened, and forgets those that have ended by themselves. Two or three commands. */
export async function noteSession(
  session: Session,
  from: { readonly ip: string; readonly agent: string | undefined; readonly admin: Admin },
  env: Env,
): Promise<void> {
  const { id, kind, expiresAt } = session;
  const { ip, admin } = from;
  const agent = (from.agent ?? "").slice(0, longestAgent);
  const record = { kind, ip, agent, createdAt: env.now(), expiresAt, generation: admin.generation };
  const listed = read(await env.store.list(table));
  const over = listed.filter((one) => !isInForce(one, admin, env)).map((one) => one.id);
  if (over.length > 0) await env.store.drop(table, over);
  await env.store.put(table, { [id]: JSON.stringify(record) });
}

/** The sessions in force, the newest first. One command. */
export async function listSessions(admin: Admin, env: Env): Promise<SessionRecord[]> {
  const listed = read(await env.store.list(table)).filter((one) => isInForce(one, admin, env));
  return listed.sort((one, other) => other.createdAt - one.createdAt);
}

/** Takes sessions off the list, after they were revoked. One command. */
export async function unlistSessions(ids: readonly string[], env: Env): Promise<void> {
  if (ids.length > 0) await env.store.drop(table, ids);
}

function isInForce(record: SessionRecord, admin: Admin, env: Env): boolean {
  return record.expiresAt > env.now() && record.generation === admin.generation;
}

function read(fields: Record<string, string>): SessionRecord[] {
  return Object.entries(fields).map(([id, value]) => ({ ...(JSON.parse(value) as Omit<SessionRecord, "id">), id }));
}
