import type { Call } from "../../dialects/dialect.ts";
import { Failure } from "../../../failure.ts";
import type { Account } from "../../../core/accounts/account.ts";
import type { Headers } from "../../../wire/exchange.ts";
import { pickBetas } from "../anthropic/betas.ts";
import { bedrockId, bedrockProfile, plainName } from "../anthropic/claude-names.ts";
import { judge } from "../judge.ts";
import { spliceFields } from "../splice.ts";
import type { Upstream } from "../upstream.ts";

const standardRegion = "us-east-1";

/**
 * Claude on Amazon Bedrock, by access key or by Bedrock API key (a bearer token). What signs and what unpacks is loaded when
 * it is first needed. Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html.
 */
export const bedrock: Upstream = {
  kind: "bedrock",
  service: "claude",
  dialect: "anthropic",
  credential: "aws",
  defaultBaseUrl: `https://bedrock-runtime.${standardRegion}.amazonaws.com`,
  settings: {
    region: `The AWS region; ${standardRegion} unless given.`,
    inferenceProfile:
      "What stands before model ids: us, eu, apac, jp, au, global, none. By default what fits the region.",
    betas: "Betas, separated by commas, that Bedrock takes although the relay does not know it yet.",
  },
  listing: { method: "GET", target: "/foundation-models?byProvider=anthropic", named: plainName },
  homeModels: /^claude-|anthropic\./,
  address(account, call) {
    // Models are listed by the control plane, which has a host of its own.
    const host = call.operation === "models" ? "bedrock" : "bedrock-runtime";
    return `${(account.baseUrl ?? `https://${host}.${regionOf(account)}.amazonaws.com`).replace(/\/+$/, "")}${call.target}`;
  },
  async sign(headers, credential, call, account) {
    const dressed = dress(headers, call);
    if (credential.kind !== "aws") return headers;
    if (credential.bearerToken !== undefined) return { ...dressed, authorization: `Bearer ${credential.bearerToken}` };
    const { signAws } = await import("./sign.ts");
    const url = bedrock.address(account, call);
    return signAws({ method: call.method, url, headers: dressed, body: call.body }, credential, regionOf(account));
  },
  prepare,
  accept(credential) {
    if (credential.kind !== "aws") return credential;
    const { bearerToken, accessKeyId = "", secretAccessKey = "" } = credential;
    if (bearerToken === undefined && !(accessKeyId && secretAccessKey)) {
      throw new Failure("request.malformed", {
        message: "credential: Bedrock needs accessKeyId and secretAccessKey, or bearerToken",
      });
    }
    return { ...credential, accessKeyId, secretAccessKey };
  },
  async receive(inbound, call) {
    const { receiveBedrock } = await import("./answer.ts");
    return receiveBedrock(inbound, call);
  },
  judge,
};

function regionOf(account: Pick<Account, "settings" | "baseUrl">): string {
  const named = /bedrock(?:-runtime)?(?:-fips)?\.([a-z0-9-]+)\./.exec(account.baseUrl ?? "")?.[1];
  return account.settings.region ?? named ?? standardRegion;
}

/** Anthropic's own headers mean nothing here, and every header that is sent is signed. */
function dress(headers: Headers, call: Call): Headers {
  const accept = call.isStream ? "application/vnd.amazon.eventstream" : "application/json";
  const agent = headers["user-agent"];
  return { "content-type": "application/json", accept, ...(agent === undefined ? {} : { "user-agent": agent }) };
}

function prepare(call: Call, account: Account): Call {
  if (call.operation === "models" || call.model === undefined) return call;
  const betas = pickBetas(call.headers["anthropic-beta"], "bedrock", account.settings.betas);
  const spliced = spliceFields(call, {
    model: undefined,
    stream: undefined,
    anthropic_version: "bedrock-2023-05-31",
    ...(betas.kept.length > 0 ? { anthropic_beta: betas.kept } : {}),
  });
  const rules = [
    ...spliced.rules,
    "model, stream and betas said as Bedrock wants them (the rest of the body untouched)",
  ];
  if (call.operation === "count_tokens") return countTokens(spliced, call.model, [...rules, ...betas.rules]);
  const id = bedrockProfile(call.model, regionOf(account), account.settings.inferenceProfile);
  const verb = call.isStream ? "invoke-with-response-stream" : "invoke";
  const target = `/model/${encodeURIComponent(id)}/${verb}`;
  return { ...spliced, target, rules: [...rules, `model ${call.model} → ${id}`, ...betas.rules] };
}

/** Counting takes the body of the call that would be made, and knows models without a profile only. */
function countTokens(call: Call, model: string, rules: readonly string[]): Call {
  const { body } = spliceFields(call, { max_tokens: 1 });
  const wrapped = Buffer.from(JSON.stringify({ input: { invokeModel: { body: body.toString("base64") } } }));
  return { ...call, body: wrapped, target: `/model/${encodeURIComponent(bedrockId(model))}/count-tokens`, rules };
}
