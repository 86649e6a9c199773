import { ValueType, type HrTime } from "@opentelemetry/api";
import { millisToHrTime, type InstrumentationScope } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  DataPointType,
  type DataPoint,
  type Histogram,
  type MetricData,
  type MetricProducer,
} from "@opentelemetry/sdk-metrics";
import type { Env } from "../../env.ts";
import type { Metric, Sample } from "../../core/process/exposition.ts";
import { collectMetrics } from "../../core/process/metrics.ts";

/** The figures of /metrics under the same names: counters since the start, gauges, histograms. */
export function buildProducer(scope: InstrumentationScope, resource: Resource, env: Env): MetricProducer {
  const startTime = millisToHrTime(env.now());
  return {
    async collect() {
      const span = { startTime, endTime: millisToHrTime(env.now()) };
      const metrics = (await collectMetrics(env)).filter(({ samples }) => samples.length > 0);
      const told = metrics.map((metric) => toData(metric, span));
      return { resourceMetrics: { resource, scopeMetrics: [{ scope, metrics: told }] }, errors: [] };
    },
  };
}

interface Span {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

function toData({ name, help, type, samples }: Metric, span: Span): MetricData {
  const descriptor = { name, description: help, unit: "", valueType: ValueType.DOUBLE };
  const shared = { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE };
  if (type === "histogram") {
    return { ...shared, dataPointType: DataPointType.HISTOGRAM, dataPoints: [toHistogram(samples, span)] };
  }
  const dataPoints = samples.map(({ labels = {}, value }) => ({ ...span, attributes: labels, value }));
  return type === "counter"
    ? { ...shared, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...shared, dataPointType: DataPointType.GAUGE, dataPoints };
}

/** Prometheus cumulates its buckets, OpenTelemetry does not. */
function toHistogram(samples: readonly Sample[], span: Span): DataPoint<Histogram> {
  const buckets = samples.filter(({ suffix }) => suffix === "_bucket");
  const find = (suffix: string) => samples.find((sample) => sample.suffix === suffix)?.value ?? 0;
  const boundaries = buckets
    .map(({ labels }) => Number(labels?.le?.replace("+Inf", "Infinity")))
    .filter(Number.isFinite);
  const counts = buckets.map(({ value }, index) => value - (buckets[index - 1]?.value ?? 0));
  const value = { buckets: { boundaries, counts }, sum: find("_sum"), count: find("_count") };
  return { ...span, attributes: {}, value };
}
