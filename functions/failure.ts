/**
 * Everything that can go wrong, by code: the HTTP status a client sees and who is to blame.
 * `refusal` is what an official API calls such an error; dialects word it their own way.
 */
export const failures = {
  "key.missing": { status: 401, blame: "client" },
  "key.unknown": { status: 401, blame: "client" },
  "key.disabled": { status: 403, blame: "client" },
  "key.expired": { status: 403, blame: "client" },
  "model.forbidden": { status: 403, blame: "client" },
  "client.forbidden": { status: 403, blame: "client" },
  "ip.forbidden": { status: 403, blame: "client" },
  "permission.forbidden": { status: 403, blame: "client" },
  "request.malformed": { status: 400, blame: "client" },
  "request.too-large": { status: 413, blame: "client" },
  "request.timeout": { status: 408, blame: "client" },
  "request.unsupported": { status: 400, blame: "client" },
  "request.refused": { status: 400, blame: "client" },
  "route.unknown": { status: 404, blame: "client" },
  "method.unknown": { status: 405, blame: "client" },
  "record.unknown": { status: 404, blame: "client" },
  "record.conflict": { status: 409, blame: "client" },
  "session.missing": { status: 401, blame: "client" },
  "session.csrf": { status: 403, blame: "client" },
  "login.wrong": { status: 401, blame: "client" },
  "login.throttled": { status: 429, blame: "client" },
  "login.insecure": { status: 403, blame: "client" },
  "login.code-missing": { status: 401, blame: "client" },
  "login.code-wrong": { status: 401, blame: "client" },
  "login.passkey-wrong": { status: 401, blame: "client" },
  "signature.wrong": { status: 401, blame: "client" },
  "model.unknown": { status: 404, blame: "client" },
  "limit.requests": { status: 429, blame: "client" },
  "limit.tokens": { status: 429, blame: "client" },
  "limit.cost": { status: 429, blame: "client" },
  "limit.concurrency": { status: 429, blame: "client" },
  "client.gone": { status: 499, blame: "client" },
  "account.none": { status: 503, blame: "config" },
  "account.cooling": { status: 503, blame: "capacity" },
  "credential.rejected": { status: 502, blame: "config" },
  "upstream.unreachable": { status: 502, blame: "upstream" },
  "upstream.timeout": { status: 504, blame: "upstream" },
  "upstream.broken": { status: 502, blame: "upstream" },
  "upstream.refused": { status: 502, blame: "upstream" },
  "process.busy": { status: 503, blame: "capacity" },
  "store.unavailable": { status: 503, blame: "platform" },
  "platform.draining": { status: 503, blame: "platform" },
  internal: { status: 500, blame: "platform" },
} as const satisfies Record<string, { status: number; blame: Blame }>;

export const blames = ["client", "capacity", "upstream", "config", "platform"] as const;
export type Blame = (typeof blames)[number];
export type FailureCode = keyof typeof failures;

/** What code reads of a failure beside its code. A room that knows more of one adds its own field (limit.ts). */
export interface FailureDetail {
  /** The field of a request that it is about, as the client wrote it. */
  field?: string;
  /** The call that it ended is settled. */
  isSettled?: boolean;
}

export interface FailureOptions {
  /** For the client, in English: names the limit that was hit, its value, and when it resets. */
  message?: string;
  /** Seconds until a retry can succeed; becomes `retry-after`. */
  retryAfterSeconds?: number;
  /** Whether the same request may succeed if the client repeats it by itself; false becomes `x-should-retry: false`. */
  isRetryable?: boolean;
  /** For the log only. */
  cause?: unknown;
  detail?: FailureDetail;
}

/** The one error class of the server. The message is for the client, the cause is for the log. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly status: number;
  readonly blame: Blame;
  readonly retryAfterSeconds: number | undefined;
  readonly isRetryable: boolean;
  readonly detail: FailureDetail;

  constructor(code: FailureCode, options: FailureOptions = {}) {
    super(options.message ?? code, { cause: options.cause });
    this.name = "Failure";
    this.code = code;
    this.status = failures[code].status;
    this.blame = failures[code].blame;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.isRetryable = options.isRetryable ?? isTransient(code);
    this.detail = options.detail ?? {};
  }
}

/** Any thrown value as a Failure: what is not ours is `internal`, and its text stays out of the answer. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  return new Failure("internal", { message: "The relay failed to handle this request.", cause: error });
}

const transient = new Set<Blame>(["capacity", "upstream", "platform"]);

function isTransient(code: FailureCode): boolean {
  return transient.has(failures[code].blame) || code === "limit.concurrency";
}
