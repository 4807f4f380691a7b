import type uPlot from "uplot";

export interface ChartSeries {
  readonly label: string;
  readonly token: string;
  readonly values: readonly number[];
}

/** Unix milliseconds, rising, one for each value of each series. */
export interface ChartData {
  readonly at: readonly number[];
  readonly series: readonly ChartSeries[];
}

/** The series on top of each other, the highest first: so each covers what is not its own. */
export function stack({ at, series }: ChartData): uPlot.AlignedData {
  const sums: number[][] = [];
  let below = at.map(() => 0);
  for (const { values } of series) {
    below = below.map((sum, index) => sum + (values[index] ?? 0));
    sums.unshift(below);
  }
  return [at.map((time) => time / 1_000), ...sums];
}
