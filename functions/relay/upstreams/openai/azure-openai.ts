import type { Call } from "../../dialects/dialect.ts";
import type { Account } from "../../../core/accounts/account.ts";
import { findTopLevel, parseSpan } from "../../../wire/top-level.ts";
import { judgeVendor } from "../judge.ts";
import { prepareOpenai, showKey } from "./openai.ts";
import { openaiWindows } from "../rate-windows.ts";
import { spliceFields } from "../splice.ts";
import type { Upstream } from "../upstream.ts";

/**
 * Azure OpenAI: by its `/openai/v1` API, or by deployments where the account names an `apiVersion`. Which deployment a model
 * is served by is the account's model alias. Source: learn.microsoft.com/azure/ai-foundry/openai/reference.
 */
export const azureOpenai: Upstream = {
  kind: "azure-openai",
  service: "azure",
  dialect: "openai-responses",
  credential: "api-key",
  defaultBaseUrl: "https://<resource>.openai.azure.com",
  settings: {
    apiVersion: "Speak the older, deployment-style API in this version, such as 2024-10-21; else /openai/v1.",
    deployment: "The one deployment that serves every model; else a deployment has its model's name, or its alias.",
    streamUsage: "`off` for API versions before 2024-09-01-preview, which refuse `stream_options`.",
  },
  homeModels: /^(gpt-|o\d)/,
  address: addressOf,
  sign: (headers, credential) =>
    showKey(headers, credential.kind === "api-key" ? { shownAs: "api-key", ...credential } : credential),
  prepare: (call, account) => prepareOpenai(nameDeployment(call, account), account),
  judge: judgeVendor,
  windows: openaiWindows,
};

/** What the older API serves below a deployment; the rest stands beside it. */
const isOfDeployment = new Set(["chat", "embeddings", "images"]);

function addressOf(account: Account, call: Call): string {
  const root = (account.baseUrl ?? azureOpenai.defaultBaseUrl).replace(/(\/openai)?(\/v1)?\/*$/, "");
  const { apiVersion } = account.settings;
  if (!apiVersion) return `${root}/openai${call.target}`;
  const path = call.target.replace(/^\/v1(?=\/)/, "").replace(/\?.*$/, "");
  const place = isOfDeployment.has(call.operation) ? `/deployments/${encodeURIComponent(call.model ?? "")}` : "";
  return `${root}/openai${place}${path}?api-version=${encodeURIComponent(apiVersion)}`;
}

/** Azure calls a model what its deployment is called; a client of the deployment-style API names it in the path only. */
function nameDeployment(call: Call, account: Account): Call {
  if (call.model === undefined) return call;
  const span = findTopLevel(call.body, ["model"])?.get("model");
  const deployment = account.settings.deployment ?? call.model;
  if (span && parseSpan(call.body, span) === deployment) return call;
  const spliced = spliceFields(call, { model: deployment });
  return {
    ...spliced,
    model: deployment,
    rules: [...spliced.rules, `model → ${deployment} (the account's deployment)`],
  };
}
