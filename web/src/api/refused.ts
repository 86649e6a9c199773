/** What the admin API answered instead of doing it; `code` is one of the server's failure codes, or `unreachable`. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, told: { code: string; message: string; field?: string }, retryAfter?: string | null) {
    super(told.message);
    this.name = "Refused";
    this.status = status;
    this.code = told.code;
    this.field = told.field;
    this.retryAfterSeconds = retryAfter ? Number(retryAfter) : undefined;
  }
}

/** The server could not be reached, or its answer was cut. */
export function unreachable(cause: unknown): Refused {
  return new Refused(0, { code: "unreachable", message: cause instanceof Error ? cause.message : String(cause) });
}

/** A refusal out of whatever came back: our own wording, or something between us and the relay that speaks HTML. */
export function refusalOf(response: Response, body: unknown): Refused {
  const told = (body as { error?: { code?: string; message?: string; field?: string } } | undefined)?.error;
  const retryAfter = response.headers.get("retry-after");
  if (typeof told?.code === "string")
    return new Refused(response.status, { message: told.code, ...told, code: told.code }, retryAfter);
  return new Refused(response.status, { code: "unreadable", message: `HTTP ${response.status}` }, retryAfter);
}
