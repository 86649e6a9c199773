import type { Request } from "../../../wire/exchange.ts";
import { findTopLevel } from "../../../wire/top-level.ts";
import type { Call, Dialect } from "../dialect.ts";

/** An OpenAI language as Azure's clients speak it: a deployment in the path is the model, whatever the body says. */
export function asAzure(dialect: Dialect): Dialect {
  return { ...dialect, read: (request, bytes) => readAt(dialect, request, bytes) };
}

function readAt(dialect: Dialect, request: Request, bytes: Buffer): Call {
  const { deployment } = request.params;
  const call = dialect.read(request, deployment === undefined ? bytes : withModel(bytes, deployment));
  return { ...call, ...(deployment === undefined ? {} : { model: deployment }), body: bytes, service: "azure" };
}

/** For reading only: what goes up is still without a model, until the place that it goes to wants one. */
function withModel(bytes: Buffer, model: string): Buffer {
  const spans = findTopLevel(bytes, ["model"]);
  if (!spans || spans.has("model")) return bytes;
  const open = bytes.indexOf("{") + 1;
  const isEmpty = /^\s*\}/.test(bytes.toString("latin1", open, open + 100));
  const member = `"model":${JSON.stringify(model)}${isEmpty ? "" : ","}`;
  return Buffer.concat([bytes.subarray(0, open), Buffer.from(member), bytes.subarray(open)]);
}
