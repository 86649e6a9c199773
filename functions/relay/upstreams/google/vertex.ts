import type { Call } from "../../dialects/dialect.ts";
import { Failure } from "../../../failure.ts";
import type { Account, Credential } from "../../../core/accounts/account.ts";
import { pickBetas } from "../anthropic/betas.ts";
import { plainName, vertexId } from "../anthropic/claude-names.ts";
import { judge } from "../judge.ts";
import { keepServiceAccount } from "./service-account.ts";
import { spliceFields } from "../splice.ts";
import type { Upstream } from "../upstream.ts";

const standardRegion = "global";

/**
 * Claude on Vertex AI, by the key of a service account, whose token is renewed as a sign-in's is and shared by all instances.
 * Source: cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude.
 */
export const vertex: Upstream = {
  kind: "vertex",
  service: "claude",
  dialect: "anthropic",
  credential: "api-key",
  defaultBaseUrl: "https://aiplatform.googleapis.com",
  settings: {
    region: `The location: global, us, eu or a region such as us-east5; ${standardRegion} unless given.`,
    project: "The Google Cloud project; the service account's own unless given.",
    betas: "Betas, separated by commas, that Vertex AI takes although the relay does not know it yet.",
  },
  listing: { method: "GET", target: "/v1beta1/publishers/anthropic/models?pageSize=200", named: plainName },
  homeModels: /^claude-/,
  address: (account, call) => `${(account.baseUrl ?? hostOf(account)).replace(/\/+$/, "")}${call.target}`,
  sign: (headers, credential) =>
    credential.kind === "oauth" ? { ...headers, authorization: `Bearer ${credential.accessToken}` } : headers,
  prepare,
  accept: keepServiceAccount,
  async receive(inbound) {
    if (inbound.status < 400) return inbound;
    const { rewordError } = await import("../reword.ts");
    return rewordError(inbound);
  },
  async refresh(credential, _account, proxy, env) {
    const { fetchToken } = await import("./vertex-token.ts");
    return fetchToken(credential, proxy, env);
  },
  judge,
};

function hostOf(account: Account): string {
  const region = regionOf(account);
  if (region === "global") return vertex.defaultBaseUrl;
  // Locations of several regions have a domain of their own.
  if (/^[a-z]+$/.test(region)) return `https://aiplatform.${region}.rep.googleapis.com`;
  return `https://${region}-aiplatform.googleapis.com`;
}

const regionOf = (account: Account) => account.settings.region ?? standardRegion;

/** Where a publisher's models stand. Throws `account.none` if nothing names the project. */
export function pathOf(account: Account, credential: Credential, version: string, publisher: string): string {
  const project = account.settings.project ?? (credential.kind === "oauth" ? credential.extra?.project : undefined);
  if (project === undefined) {
    throw new Failure("account.none", {
      message: "The account that was to serve this request names no project. Ask the operator of this relay.",
      cause: `The account "${account.name}" names no project.`,
      isRetryable: false,
    });
  }
  return `/${version}/projects/${project}/locations/${regionOf(account)}/publishers/${publisher}/models`;
}

function prepare(call: Call, account: Account, credential: Credential): Call {
  if (call.operation === "models" || call.model === undefined) return call;
  const id = vertexId(call.model);
  if (id.includes("/")) throw new Failure("request.malformed", { message: "model: a plain name is wanted" });
  const isCount = call.operation === "count_tokens";
  const betas = pickBetas(call.headers["anthropic-beta"], "vertex", account.settings.betas);
  const spliced = spliceFields(call, { model: isCount ? id : undefined, anthropic_version: "vertex-2023-10-16" });
  const { "anthropic-beta": _betas, "anthropic-version": _version, ...headers } = spliced.headers;
  const method = isCount ? "count-tokens:rawPredict" : `${id}:${call.isStream ? "streamRawPredict" : "rawPredict"}`;
  return {
    ...spliced,
    headers: betas.kept.length > 0 ? { ...headers, "anthropic-beta": betas.kept.join(",") } : headers,
    target: `${pathOf(account, credential, "v1", "anthropic")}/${method}`,
    rules: [
      ...spliced.rules,
      `model ${call.model} → ${id}, said in the address (the rest of the body untouched)`,
      ...betas.rules,
    ],
  };
}
