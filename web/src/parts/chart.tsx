import { BarChart } from "@mantine/charts";
import "@mantine/charts/styles.css";

export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

interface Props {
  readonly labels: readonly string[];
  readonly series: readonly Series[];
  readonly write: (value: number) => string;
  readonly height?: number;
  readonly about: string;
}

/** Told apart by lightness as much as by hue; the first is the product's own. */
const colours = [
  "#6d6de0",
  "#12a594",
  "#e5894a",
  "#d6409f",
  "#3e93d8",
  "#b5a021",
  "#8f6bd9",
  "#4aa35a",
  "#d35c5c",
  "#7c8a99",
  "#9a9aa5",
];

/** Stacked bars over time. Recharts comes with this file, so pages load it lazily. */
export default function Chart({ labels, series, write, height = 240, about }: Props) {
  const data = labels.map((label, index) =>
    Object.fromEntries([["label", label], ...series.map(({ values }, at) => [`s${at}`, values[index] ?? 0])]),
  );
  return (
    <div role="img" aria-label={about}>
      <BarChart
        h={height}
        data={data}
        dataKey="label"
        type="stacked"
        series={series.map(({ name }, at) => ({
          name: `s${at}`,
          label: name,
          color: colours[at % colours.length] ?? "gray",
        }))}
        valueFormatter={write}
        withLegend={series.length > 1}
        legendProps={{ verticalAlign: "bottom" }}
        tickLine="none"
        gridAxis="x"
        strokeDasharray="3 4"
        maxBarWidth={34}
        barProps={{ isAnimationActive: false, radius: 2 }}
        xAxisProps={{ minTickGap: 28, tickMargin: 8 }}
        yAxisProps={{ width: 64, tickMargin: 4 }}
        tooltipAnimationDuration={0}
        gridColor="var(--line)"
        textColor="var(--ink-3)"
        barChartProps={{ accessibilityLayer: false }}
      />
    </div>
  );
}
