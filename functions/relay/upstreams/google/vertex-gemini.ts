import type { Call } from "../../dialects/dialect.ts";
import { Failure } from "../../../failure.ts";
import type { Account, Credential } from "../../../core/accounts/account.ts";
import { findTopLevel } from "../../../wire/top-level.ts";
import { spliceFields, unpack } from "../splice.ts";
import type { Upstream } from "../upstream.ts";
import { pathOf, vertex } from "./vertex.ts";

/** Gemini on Vertex AI: the same accounts, in the other language. */
export const vertexGemini: Upstream = {
  ...vertex,
  service: "gemini",
  dialect: "gemini",
  listing: { method: "GET", target: "/v1beta1/publishers/google/models?pageSize=200" },
  homeModels: /^gemini-/,
  prepare: prepareGemini,
  receive: (inbound) => inbound,
};

function prepareGemini(call: Call, account: Account, credential: Credential): Call {
  const place = /^\/(v1(?:beta)?)[^/]*\/models\/([^?]+:[^?]+)(.*)$/.exec(call.target);
  if (!place || call.operation === "batchEmbedContents") {
    throw new Failure("request.unsupported", { message: `Vertex AI has no ${call.operation} in this form.` });
  }
  const path = pathOf(account, credential, place[1] === "v1" ? "v1" : "v1beta1", "google");
  return { ...unwrapCount(call), target: `${path}/${place[2]}${place[3]}` };
}

/** What the Gemini API counts as a request in a wrapper, Vertex AI counts bare. Source: cloud.google.com, countTokens. */
function unwrapCount(call: Call): Call {
  if (call.operation !== "countTokens") return call;
  const plain = unpack(call);
  const span = findTopLevel(plain.body, ["generateContentRequest"])?.get("generateContentRequest");
  if (!span) return call;
  const request = spliceFields({ ...plain, body: plain.body.subarray(span.start, span.end) }, { model: undefined });
  return { ...request, rules: [...plain.rules, "the request to be counted taken out of its wrapper"] };
}
