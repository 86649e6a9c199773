/** One metric in Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats), version 0.0.4. */
export interface Metric {
  /** Ends in its unit, and in `_total` if it only grows. */
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** `_bucket`, `_sum` or `_count` of a histogram; else nothing. */
  readonly suffix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export const expositionType = "text/plain; version=0.0.4; charset=utf-8";

/** Metrics without samples are left out. */
export function writeMetrics(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, type, samples }) => {
      const lines = samples.map(
        ({ suffix = "", labels = {}, value }) => `${name}${suffix}${writeLabels(labels)} ${writeValue(value)}`,
      );
      return `# HELP ${name} ${help.replace(/\\/g, "\\\\").replace(/\n/g, "\\n")}\n# TYPE ${name} ${type}\n${lines.join("\n")}\n`;
    })
    .join("");
}

function writeLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escape(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}

function writeValue(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

/** The samples of a histogram from its buckets, which the format wants cumulated. */
export function histogramSamples(
  bounds: readonly number[],
  buckets: readonly number[],
  sum: number,
): readonly Sample[] {
  let count = 0;
  const cumulated = [...bounds, Infinity].map((bound, index): Sample => {
    count += buckets[index] ?? 0;
    return { suffix: "_bucket", labels: { le: bound === Infinity ? "+Inf" : String(bound) }, value: count };
  });
  return [...cumulated, { suffix: "_sum", value: sum }, { suffix: "_count", value: count }];
}
