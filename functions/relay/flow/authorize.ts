import type { Call } from "../dialects/dialect.ts";
import { Failure } from "../../failure.ts";
import { isListed } from "../../core/keys/aliases.ts";
import type { ApiKey } from "../../core/keys/key.ts";

/** Refuses what a key may not do, by what the call is and never by the URL it came in on: service, client, model. */
export function authorize(key: ApiKey, call: Call): void {
  if (key.permissions.length > 0 && !key.permissions.includes(call.service)) {
    throw new Failure("permission.forbidden", {
      message: `The API key "${key.name}" may use ${key.permissions.join(", ")}, not ${call.service}.`,
    });
  }
  if (key.clients.length > 0 && (call.client === undefined || !key.clients.includes(call.client))) {
    throw new Failure("client.forbidden", {
      message: `The API key "${key.name}" may only be used by ${key.clients.join(", ")}; this request does not come from there.`,
    });
  }
  if (call.model === undefined) return;
  const isOutside = key.allowedModels.length > 0 && !isListed(call.model, key.allowedModels);
  if (isOutside || isListed(call.model, key.blockedModels)) {
    throw new Failure("model.forbidden", { message: `The API key "${key.name}" may not use the model ${call.model}.` });
  }
}
