import type { Env } from "../../env.ts";
import { Failure, toFailure } from "../../failure.ts";
import { appendAudit, type AuditAction } from "../../core/people/audit.ts";
import { difference, findSecrets, redact } from "../../core/people/audit-redaction.ts";
import type { Given, Operation } from "./operation.ts";
import { isObject } from "../../wire/json.ts";

const safe = new Set(["GET", "HEAD"]);

/**
 * Runs an operation, and writes what it changed into the audit log. What stood before and stands after is asked of the GET
 * operation of the same path (or of the path above, for `/:id/reset` and the like), which tells no secret; where there is
 * none, what was sent stands for it. A log that cannot be written does not undo what was done: it is told in the process log.
 */
export async function runOnRecord(
  operation: Operation,
  view: Operation | undefined,
  given: Given,
  env: Env,
): Promise<unknown> {
  if (safe.has(operation.method)) return operation.run(given, env);
  const before = await look(view, given, env);
  let value: unknown;
  try {
    value = await operation.run(given, env);
  } catch (error) {
    await note({ operation, given, failure: toFailure(error) }, env);
    throw error;
  }
  const after = view ? await look(view, given, env) : undefined;
  await note({ operation, given, value, view, before, after }, env);
  return value;
}

/** `getAccount` for `PATCH /admin/accounts/:id`. A list is none: it has other records in it, and is dear. */
export function findView(operation: Operation, all: readonly Operation[]): Operation | undefined {
  // Of what is only made by it, there is nothing to see before.
  if (operation.status === 201 || safe.has(operation.method)) return undefined;
  const above = operation.path.slice(0, operation.path.lastIndexOf("/"));
  const isView = (each: Operation, path: string) =>
    each.method === "GET" && each.path === path && /^get[A-Z]/.test(each.id) && each.query === undefined;
  return all.find((each) => isView(each, operation.path)) ?? all.find((each) => isView(each, above));
}

/** Undefined if there is nothing, or nothing any more. */
async function look(view: Operation | undefined, given: Given, env: Env): Promise<unknown> {
  if (!view) return undefined;
  try {
    return await view.run({ ...given, query: undefined, body: undefined }, env);
  } catch (error) {
    if (error instanceof Failure && error.code === "record.unknown") return undefined;
    env.log("warn", "audit view failed", { operation: view.id, error });
    return undefined;
  }
}

interface Deed {
  readonly operation: Operation;
  readonly given: Given;
  readonly failure?: Failure;
  readonly value?: unknown;
  readonly view?: Operation | undefined;
  readonly before?: unknown;
  readonly after?: unknown;
}

async function note(deed: Deed, env: Env): Promise<void> {
  // Tries past the throttle would let anybody spend the store's commands.
  if (deed.failure?.code === "login.throttled") return;
  // Nor do guesses at what is open to anybody.
  if (deed.operation.isPublic && deed.failure?.code === "record.unknown") return;
  try {
    await appendAudit(buildAction(deed, env), env);
  } catch (error) {
    env.log("error", "audit entry lost", { ...buildAction(deed, env), error });
  }
}

function buildAction({ operation, given, failure, value, view, before, after }: Deed, env: Env): AuditAction {
  const { request, body, params, session } = given;
  const secrets = new Set([...findSecrets(body), ...findSecrets(value)]);
  const hide = (each: unknown) => (each === undefined ? undefined : redact(each, secrets));
  const made = operation.status === 201 ? value : undefined;
  const changed = view
    ? difference(hide(before), hide(after))
    : difference(undefined, hide(isObject(made) && "id" in made ? made : body));
  return {
    at: env.now(),
    who: session?.username ?? nameOf(body, value, env),
    ip: request.ip,
    operation: operation.id,
    target: targetOf(params, made, body),
    status: failure?.status ?? operation.status ?? (operation.answer ? 200 : 204),
    ...(failure ? { failure: failure.code } : {}),
    // What was refused changed nothing, and a sign-in changes nothing that the console shows.
    ...(operation.isPublic || (failure && failure.status < 500) ? {} : changed),
    request: request.id,
  };
}

/** People type their password where their name belongs: only the one name that there is, is kept. A passkey has none to type. */
function nameOf(body: unknown, value: unknown, env: Env): string {
  const { ADMIN_USERNAME } = env.config;
  const isNamed = [body, value].some((each) => isObject(each) && each.username === ADMIN_USERNAME);
  return isNamed ? ADMIN_USERNAME : "(unknown)";
}

const mostTargets = 20;

function targetOf(params: unknown, made: unknown, body: unknown): string {
  const given = isObject(params) ? Object.values(params) : [];
  const ids = isObject(body) && Array.isArray(body.ids) ? body.ids.slice(0, mostTargets) : [];
  const own = isObject(made) && given.length === 0 ? [made.id] : [];
  return [...given, ...own, ...ids].filter((id) => typeof id === "string").join(" ");
}
