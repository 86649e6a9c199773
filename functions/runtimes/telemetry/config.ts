import type { Environment } from "../../config.ts";
import type { Env } from "../../env.ts";

/** OpenTelemetry of one process. */
export interface Telemetry {
  /** Begins to trace the calls of an Env, and to tell its figures now and then. */
  watch(env: Env): void;
  /** Sends what is still held. Never rejects. */
  flush(): Promise<void>;
  /** Sends what is still held, for the last time. Never rejects. */
  close(): Promise<void>;
}

/** What OpenTelemetry's standard variables ask for (specification, "Environment Variable Specification"). */
export interface TelemetryWish {
  readonly traces: boolean;
  readonly metrics: boolean;
  readonly isJson: boolean;
}

export const prefix = "OTEL_EXPORTER_OTLP_";

/**
 * What is to be sent. Nothing unless an endpoint or an exporter is named: the standard's own default would have every relay
 * look for a collector on its machine. On Lambda traces only: what an instance has counted is no figure of the relay's.
 */
export function readWish(environment: Environment, isLambda: boolean): TelemetryWish | undefined {
  const has = (name: string) => (environment[name] ?? "") !== "";
  if (/^true$/i.test(environment.OTEL_SDK_DISABLED ?? "")) return undefined;
  const wants = (signal: "TRACES" | "METRICS") => {
    const exporter = environment[`OTEL_${signal}_EXPORTER`] ?? "";
    const isPlaced = has(`${prefix}ENDPOINT`) || has(`${prefix}${signal}_ENDPOINT`);
    return exporter === "" ? isPlaced : exporter.split(",").some((name) => name.trim() === "otlp");
  };
  const wish = { traces: wants("TRACES"), metrics: !isLambda && wants("METRICS") };
  const isJson = environment[`${prefix}PROTOCOL`] === "http/json";
  return wish.traces || wish.metrics ? { ...wish, isJson } : undefined;
}
