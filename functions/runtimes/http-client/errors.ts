import { Failure } from "../../failure.ts";
import type { HangUp } from "../../wire/exchange.ts";

/** Error codes of Node (and of undici) that are names of a cause, safe to tell a client; the text of an error is not. */
const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" && /^[A-Z0-9_]+$/.test(error.code)
    ? error.code
    : undefined;

const told = (error: unknown) => {
  const code = codeOf(error);
  return code ? ` (${code})` : "";
};

/** No head came: refused, unresolved, TLS or proxy trouble, or a connection that closed instead of answering. */
export function unreachable(cause: unknown): Failure {
  return new Failure("upstream.unreachable", { message: `The upstream could not be reached${told(cause)}.`, cause });
}

/** The connection died inside the body, or the body was not what its head announced. */
export function broken(cause: unknown): Failure {
  return new Failure("upstream.broken", { message: `The upstream's answer broke off${told(cause)}.`, cause });
}

export function headTimeout(milliseconds: number): Failure {
  return new Failure("upstream.timeout", {
    message: `The upstream did not answer within ${milliseconds / 1000} seconds.`,
  });
}

export function silenceTimeout(milliseconds: number): Failure {
  return new Failure("upstream.timeout", { message: `The upstream was silent for ${milliseconds / 1000} seconds.` });
}

/** The request's own signal fired: its reason if that is a Failure (a drain, say), else the client is gone. */
export function abandoned(signal: HangUp | undefined): Failure {
  const reason: unknown = signal?.reason;
  return reason instanceof Failure ? reason : new Failure("client.gone", { cause: reason });
}

/** An error that is not ours becomes what `wrap` makes of it; a Failure stays. */
export function asFailure(error: unknown, wrap: (cause: unknown) => Failure): Failure {
  return error instanceof Failure ? error : wrap(error);
}
