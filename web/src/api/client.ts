import createClient from "openapi-fetch";
import { refusalOf, unreachable } from "./refused.ts";
import type { components, paths } from "./schema.d.ts";
import { ask, csrfToken, untilOpen } from "./session.ts";

export type Schemas = components["schemas"];

const safe = new Set(["GET", "HEAD"]);

/** Sends with the CSRF token; a request that finds the session over waits for the next sign-in and goes again. */
async function send(request: Request): Promise<Response> {
  const again = request.clone();
  if (!safe.has(request.method)) request.headers.set("x-csrf-token", csrfToken());
  const response = await fetch(request);
  if (response.status !== 401 && response.status !== 403) return response;
  const code = await codeOf(response);
  if (code === "session.missing") {
    await untilOpen();
    return send(again);
  }
  if (code !== "session.csrf") return response;
  await ask();
  again.headers.set("x-csrf-token", csrfToken());
  return fetch(again);
}

async function codeOf(response: Response): Promise<string | undefined> {
  const body = (await response
    .clone()
    .json()
    .catch(() => undefined)) as { error?: { code?: string } } | undefined;
  return body?.error?.code;
}

/** The admin API with the types of its OpenAPI document. */
export const api = createClient<paths>({ baseUrl: "", fetch: send, headers: { accept: "application/json" } });

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What an operation answered. Throws Refused. */
export async function take<T>(asked: Promise<Answered<T>>): Promise<T> {
  let answered: Answered<T>;
  try {
    answered = await asked;
  } catch (error) {
    throw unreachable(error);
  }
  if (!answered.response.ok) throw refusalOf(answered.response, answered.error);
  return answered.data as T;
}
