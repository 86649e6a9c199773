import type { Call, ClientName } from "../dialects/dialect.ts";
import { Failure } from "../../failure.ts";
import { isModelName, mayUse } from "../../core/keys/model-rights.ts";
import type { ApiKey } from "../../core/keys/key.ts";

/** Refuses, before its body is read, a request whose headers let it be no client that the key is for. */
export function refuseStranger(key: ApiKey, claimed: ClientName | undefined): void {
  if (key.clients.length === 0 || (claimed !== undefined && key.clients.includes(claimed))) return;
  throw new Failure("client.forbidden", {
    message: `The API key "${key.name}" may only be used by ${key.clients.join(", ")}; this request does not come from there.`,
  });
}

/** Refuses what a key may not do, by what the call is and never by the URL it came in on: service, client, model. */
export function authorize(key: ApiKey, call: Call): void {
  if (key.permissions.length > 0 && !key.permissions.includes(call.service)) {
    throw new Failure("permission.forbidden", {
      message: `The API key "${key.name}" may use ${key.permissions.join(", ")}, not ${call.service}.`,
    });
  }
  refuseStranger(key, call.client);
  if (call.model === undefined) return;
  if (!isModelName(call.model)) {
    throw new Failure("request.malformed", { message: "model: no model's name has these characters" });
  }
  if (!mayUse(key, call.model)) {
    throw new Failure("model.forbidden", { message: `The API key "${key.name}" may not use the model ${call.model}.` });
  }
}
