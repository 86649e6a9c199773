import type { Environment } from "../../config.ts";
import type { Log } from "../../log.ts";
import { prefix, readWish, type Telemetry } from "./config.ts";

/** Undefined unless the environment asks for it; then nothing of OpenTelemetry is loaded. */
export async function openTelemetry(
  environment: Environment,
  log: Log,
  isLambda = false,
): Promise<Telemetry | undefined> {
  const wish = readWish(environment);
  if (!wish) return undefined;
  const protocol = environment[`${prefix}PROTOCOL`] ?? "";
  if (!["", "http/protobuf", "http/json"].includes(protocol))
    log("warn", "telemetry speaks http/protobuf", { asked: protocol.slice(0, 40) });
  const { buildTelemetry } = await import("./sdk.ts");
  return buildTelemetry(wish, log, isLambda);
}
