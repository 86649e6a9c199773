import { Failure } from "../../failure.ts";
import type { FailureCode } from "../../failure.ts";
import type { Answer, Headers } from "../../wire/exchange.ts";
import { json } from "../../wire/exchange.ts";

/** A refusal that names the field it is about, as the client wrote it (`credential.secret`, `ips.0`). */
export function invalid(field: string, message: string, code: FailureCode = "request.malformed"): Failure {
  return new Failure(code, { message: `${field}: ${message}`, detail: { field }, isRetryable: false });
}

export function unknownRecord(what: string, id: string): Failure {
  return new Failure("record.unknown", { message: `There is no ${what} ${id.slice(0, 80)}.` });
}

/** A failure as the admin API words it: `{"error":{"code","message","field"?}}`. */
export function refuse(failure: Failure): Answer {
  const { field } = failure.detail;
  const retry: Headers =
    failure.retryAfterSeconds === undefined ? {} : { "retry-after": String(failure.retryAfterSeconds) };
  return json(failure.status, { error: { code: failure.code, message: failure.message, field } }, retry);
}
