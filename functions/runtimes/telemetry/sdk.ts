import { diag } from "@opentelemetry/api";
import { getNumberFromEnv, getStringFromEnv, setGlobalErrorHandler } from "@opentelemetry/core";
import { OTLPTraceExporter as JsonTraces } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufTraces } from "@opentelemetry/exporter-trace-otlp-proto";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import * as sdk from "@opentelemetry/sdk-trace";
import packageFile from "../../../package.json" with { type: "json" };
import type { Log } from "../../log.ts";
import { setTracer } from "../../core/process/tracing.ts";
import type { Telemetry, TelemetryWish } from "./config.ts";
import { buildTracer } from "./spans.ts";

const scope = "claude-relay";

/** The SDK, set up as its standard variables say. Where to, and with which headers and patience, the exporters read themselves. */
export function buildTelemetry(wish: TelemetryWish, log: Log, isLambda: boolean): Telemetry {
  tellTroubles(log);
  const resource = defaultResource()
    .merge(resourceFromAttributes({ "service.name": scope, "service.version": packageFile.version }))
    .merge(detectResources({ detectors: [envDetector] }));
  const tracers = buildTracers(resource, wish.isJson);
  const flush = () => quietly(() => tracers.forceFlush());
  return {
    watch(env) {
      const tracer = buildTracer(tracers.getTracer(scope, packageFile.version));
      // An instance of Lambda is frozen between calls: what is held must go before that.
      const after = isLambda ? () => env.after(flush()) : () => undefined;
      setTracer(
        {
          call: (call) => (tracer.call(call), after()),
          refusal: (refusal) => (tracer.refusal(refusal), after()),
        },
        env,
      );
    },
    flush,
    close: () => quietly(() => tracers.shutdown()),
  };
}

function buildTracers(resource: ReturnType<typeof defaultResource>, isJson: boolean): sdk.TracerProvider {
  const exporter = isJson ? new JsonTraces() : new ProtobufTraces();
  const processor = new sdk.BatchSpanProcessor({
    exporter,
    scheduledDelayMillis: getNumberFromEnv("OTEL_BSP_SCHEDULE_DELAY") ?? 5_000,
    maxQueueSize: getNumberFromEnv("OTEL_BSP_MAX_QUEUE_SIZE") ?? 2_048,
    maxExportBatchSize: getNumberFromEnv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE") ?? 512,
  });
  return new sdk.TracerProvider({ resource, sampler: chooseSampler(), spanProcessors: [processor] });
}

/** `OTEL_TRACES_SAMPLER`; the standard's default follows the client, and takes all calls that bring no trace. */
function chooseSampler(): sdk.Sampler {
  const [parent, name = ""] =
    /^(parentbased_)?(.*)$/.exec(getStringFromEnv("OTEL_TRACES_SAMPLER") ?? "")?.slice(1) ?? [];
  const ratio = Number(getStringFromEnv("OTEL_TRACES_SAMPLER_ARG") ?? 1);
  const samplers: Readonly<Record<string, () => sdk.Sampler>> = {
    always_on: () => new sdk.AlwaysOnSampler(),
    always_off: () => new sdk.AlwaysOffSampler(),
    traceidratio: () => new sdk.TraceIdRatioBasedSampler(ratio),
  };
  const chosen = samplers[name];
  if (chosen && !parent) return chosen();
  return new sdk.ParentBasedSampler({ root: (chosen ?? (() => new sdk.AlwaysOnSampler()))() });
}

const quietMs = 60_000;

/** A collector that is down must neither stop the relay nor fill its log. The exporter's words hold no header. */
function tellTroubles(log: Log): void {
  let toldAt = -Infinity;
  const tell = (error: unknown) => {
    if (performance.now() - toldAt < quietMs) return;
    toldAt = performance.now();
    log("warn", "telemetry not sent", { reason: String(error instanceof Error ? error.message : error).slice(0, 200) });
  };
  setGlobalErrorHandler(tell);
  const ignore = () => undefined;
  diag.setLogger({ error: tell, warn: ignore, info: ignore, debug: ignore, verbose: ignore });
}

async function quietly(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    diag.error(error instanceof Error ? error.message : String(error));
  }
}
