import type { Environment } from "../../config.ts";
import type { Env } from "../../env.ts";

/** OpenTelemetry of one process. */
export interface Telemetry {
  /** Begins to trace the calls of an Env. */
  watch(env: Env): void;
  /** Sends what is still held. Never rejects. */
  flush(): Promise<void>;
  /** Sends what is still held, for the last time. Never rejects. */
  close(): Promise<void>;
}

/** What OpenTelemetry's standard variables ask for (specification, "Environment Variable Specification"). */
export interface TelemetryWish {
  readonly isJson: boolean;
}

export const prefix = "OTEL_EXPORTER_OTLP_";

/**
 * How traces are to be sent. Undefined unless an endpoint or an exporter is named: the standard's own default would have every
 * relay look for a collector on its machine. Metrics are not sent: a collector scrapes /metrics.
 */
export function readWish(environment: Environment): TelemetryWish | undefined {
  const has = (name: string) => (environment[name] ?? "") !== "";
  if (/^true$/i.test(environment.OTEL_SDK_DISABLED ?? "")) return undefined;
  const exporter = environment.OTEL_TRACES_EXPORTER ?? "";
  const isPlaced = has(`${prefix}ENDPOINT`) || has(`${prefix}TRACES_ENDPOINT`);
  const isWanted = exporter === "" ? isPlaced : exporter.split(",").some((name) => name.trim() === "otlp");
  return isWanted ? { isJson: environment[`${prefix}PROTOCOL`] === "http/json" } : undefined;
}
