import { BarChart } from "@mantine/charts";
import "@mantine/charts/styles.css";

export interface Series {
  readonly name: string;
  readonly values: readonly number[];
  /** The sum of those that have no series of their own: grey. */
  readonly isRest?: boolean;
}

interface Props {
  readonly labels: readonly string[];
  readonly series: readonly Series[];
  readonly write: (value: number) => string;
  readonly height?: number;
  readonly about: string;
  /** A pale series beside the others. */
  readonly before?: Series;
  readonly open?: (index: number) => void;
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
];
const grey = "#a6a6b0";

/** Stacked bars over time. Recharts comes with this file, so pages load it lazily. */
export default function Chart({ labels, series, write, height = 240, about, before, open }: Props) {
  const data = labels.map((label, index) =>
    Object.fromEntries([
      ["label", label],
      ["before", before?.values[index] ?? 0],
      ...series.map(({ values }, at) => [`s${at}`, values[index] ?? 0]),
    ]),
  );
  const own = series.map(({ name, isRest }, at) => ({
    ...{ name: `s${at}`, label: name, stackId: "now" },
    color: isRest ? grey : (colours[at % colours.length] ?? grey),
  }));
  const pale = before ? [{ name: "before", label: before.name, stackId: "before", color: "var(--pale)" }] : [];
  return (
    <div role="img" aria-label={about}>
      <BarChart
        h={height}
        data={data}
        dataKey="label"
        series={[...pale, ...own]}
        valueFormatter={write}
        withLegend={series.length + pale.length > 1}
        legendProps={{ verticalAlign: "bottom" }}
        tickLine="none"
        gridAxis="x"
        strokeDasharray="3 4"
        maxBarWidth={34}
        barProps={{
          isAnimationActive: false,
          radius: 2,
          ...(open && { cursor: "pointer", onClick: (_: unknown, index: number) => open(index) }),
        }}
        xAxisProps={{ minTickGap: 28, tickMargin: 8 }}
        yAxisProps={{ width: 76, tickMargin: 4 }}
        tooltipAnimationDuration={0}
        gridColor="var(--line)"
        textColor="var(--ink-3)"
        barChartProps={{ accessibilityLayer: false, margin: { top: 10, right: 4, bottom: 0, left: 0 } }}
      />
    </div>
  );
}
