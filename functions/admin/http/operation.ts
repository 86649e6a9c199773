import type * as z from "zod/mini";
import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import type { Session } from "../../core/people/session.ts";
import type { Method } from "../../routes.ts";
import type { Request } from "../../wire/exchange.ts";

/** Any zod schema; a component of the OpenAPI document if it was named (component.ts). */
export type Schema = z.ZodMiniType;
type Parsed<S> = S extends Schema ? z.infer<S> : undefined;
type Answered<S> = S extends Schema ? z.infer<S> : void;

/** What an operation is given: everything is parsed, and the guard has let the caller through. */
export interface Given<P = unknown, Q = unknown, B = unknown> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Who is signed in; undefined only in operations that are public. */
  readonly session: Session | undefined;
  readonly request: Request;
  setCookie(cookie: string): void;
}

interface Declaration<P, Q, B, A> {
  readonly method: Method;
  /** `:name` captures one segment, as in routes.ts. */
  readonly path: string;
  /** The operation's name in the OpenAPI document and in the log: a verb and a noun. */
  readonly id: string;
  readonly summary: string;
  /** Needs no session. Only signing in may say so, and what brings a proof of its own. */
  readonly isPublic?: true;
  readonly params?: P;
  /** Flat: each property is a query parameter. */
  readonly query?: Q;
  readonly body?: B;
  /** A megabyte unless said otherwise; of a public operation 8 kB, whatever is said. */
  readonly bodyLimitBytes?: number;
  /** Absent: 204 without a body. */
  readonly answer?: A;
  /** 200 unless said otherwise. */
  readonly status?: 200 | 201;
}

/** One operation of the admin API, as the guard runs it and the OpenAPI document tells it. */
export interface Operation extends Declaration<Schema, Schema, Schema, Schema> {
  run(given: Given, env: Env): Promise<unknown>;
}

/** Declares an operation; the types of what `run` gets and answers come from the schemas. */
export function operation<
  P extends Schema | undefined = undefined,
  Q extends Schema | undefined = undefined,
  B extends Schema | undefined = undefined,
  A extends Schema | undefined = undefined,
>(
  declared: Declaration<P, Q, B, A> & {
    run(given: Given<Parsed<P>, Parsed<Q>, Parsed<B>>, env: Env): Promise<Answered<A>>;
  },
): Operation {
  // The guard parses by these very schemas before it runs the operation, so the wider type is safe.
  return declared as unknown as Operation;
}

/** The session of an operation that the guard has let through. */
export function signedIn(session: Session | undefined): Session {
  if (!session) throw new Failure("session.missing", { message: "Sign in first: there is no session." });
  return session;
}
