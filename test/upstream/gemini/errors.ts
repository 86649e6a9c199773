import type { Behaviour } from "../behaviours.ts";
import { halves } from "../anthropic/errors.ts";
import type { Reply } from "../language.ts";
import { htmlReply } from "../reshape.ts";

interface Fault {
  status: string;
  message: string;
  details?: Record<string, unknown>[];
}

const google = (name: string) => `type.googleapis.com/google.rpc.${name}`;
const retry = (delay: string) => ({ "@type": google("RetryInfo"), retryDelay: delay });
const quota = (quotaId: string) => ({
  "@type": google("QuotaFailure"),
  violations: [{ quotaMetric: "generativelanguage.googleapis.com/generate_requests", quotaId, quotaValue: "10" }],
});
const info = (reason: string, metadata: Record<string, string> = {}) => ({
  "@type": google("ErrorInfo"),
  reason,
  domain: "cloudcode-pa.googleapis.com",
  metadata,
});
const spent = "You exceeded your current quota, please check your plan and billing details.";

/** Shapes after https://google.aip.dev/193; wordings as public issue reports quote them. */
const faults: Record<string, () => Fault> = {
  "400": () => ({ status: "INVALID_ARGUMENT", message: "Invalid value at 'contents'" }),
  "400-key": () => ({ status: "INVALID_ARGUMENT", message: "API key not valid. Please pass a valid API key." }),
  "400-location": () => ({
    status: "FAILED_PRECONDITION",
    message: "User location is not supported for the API use.",
  }),
  "401": () => ({ status: "UNAUTHENTICATED", message: "Request had invalid authentication credentials." }),
  "403": () => ({ status: "PERMISSION_DENIED", message: "Permission denied on resource project." }),
  "404": () => ({ status: "NOT_FOUND", message: "models/gemini-missing is not found for API version v1beta." }),
  "429": () => ({
    status: "RESOURCE_EXHAUSTED",
    message: spent,
    details: [quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier"), retry("34.074824224s")],
  }),
  "429-day": () => ({
    status: "RESOURCE_EXHAUSTED",
    message: spent,
    details: [quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier"), retry("34s")],
  }),
  "429-bare": () => ({ status: "RESOURCE_EXHAUSTED", message: "Resource has been exhausted (e.g. check quota)." }),
  "429-exhausted": () => ({
    status: "RESOURCE_EXHAUSTED",
    message: "You have exhausted your capacity on this model. Your quota will reset after 3h.",
    details: [info("QUOTA_EXHAUSTED", { quotaResetTimeStamp: new Date(Date.now() + 3 * 3_600_000).toISOString() })],
  }),
  "500": () => ({ status: "INTERNAL", message: "An internal error has occurred." }),
  "503": () => ({ status: "UNAVAILABLE", message: "The model is overloaded. Please try again later." }),
  "504": () => ({ status: "DEADLINE_EXCEEDED", message: "The request timed out. Please try again." }),
};

/** 502 comes from the provider's edge, as HTML. */
export const faultNames: ReadonlySet<string> = new Set([...Object.keys(faults), "502"]);

export function errorReply(code: number, fault: Fault): Reply {
  return jsonReply(code, { error: { code, ...fault } });
}

export function faultReply(name: string, _behaviour: Behaviour): Reply {
  const fault = faults[name];
  const code = Number(name.slice(0, 3));
  return fault ? errorReply(code, fault()) : htmlReply(code);
}

/** An error in the middle of a stream; the type is a status name, `UNAVAILABLE` unless given. */
export function errorFrame(type: string): Buffer {
  const codes: Record<string, number> = { RESOURCE_EXHAUSTED: 429, INTERNAL: 500, UNAVAILABLE: 503 };
  const status = type || "UNAVAILABLE";
  const error = { code: codes[status] ?? 500, message: "The model is overloaded. Please try again later.", status };
  return Buffer.from(`data: ${JSON.stringify({ error })}\r\n\r\n`);
}

/** Headers as Google's front end sends them; `alt-svc` and `server` give an allow-list something to do. */
export function jsonReply(status: number, body: unknown): Reply {
  const headers = {
    "content-type": "application/json; charset=UTF-8",
    vary: "Origin, X-Origin, Referer",
    server: "scaffolding on HTTPServer2",
    "alt-svc": 'h3=":443"; ma=2592000',
    "x-xss-protection": "0",
  };
  return { status, headers, frames: halves(JSON.stringify(body)), streamed: false };
}
