import type { Snapshot, StatisticsPoint } from "../../../../src/dashboard/api/index.ts";
import { type ChartData, fillGaps } from "../../parts/chart-data.ts";
import { secondBuckets } from "./second-buckets.ts";

export const HOUR_MS = 3_600_000;

interface HistoryData {
  readonly finished: ChartData;
  readonly failed: ChartData;
}

export function liveData({ minute, at }: Pick<Snapshot, "minute" | "at">): HistoryData {
  return dataOf(secondBuckets(minute, at));
}

/** So many hours up to and with the given one (hours since 1970). */
export function pointsData(points: readonly StatisticsPoint[], lastHour: number, hours: number): HistoryData {
  const times = Array.from({ length: hours }, (_, at) => (lastHour - hours + 1 + at) * HOUR_MS);
  return dataOf(fillGaps(points, times, (at) => ({ at, succeeded: 0, failed: 0, deleted: 0, retried: 0 })));
}

function dataOf(points: readonly StatisticsPoint[]): HistoryData {
  const at = points.map((point) => point.at);
  return {
    finished: {
      at,
      series: [
        { label: "Succeeded", token: "--succeeded", values: points.map(({ succeeded }) => succeeded) },
        { label: "Deleted", token: "--deleted", values: points.map(({ deleted }) => deleted) },
      ],
    },
    failed: {
      at,
      series: [
        { label: "Failed", token: "--failed", values: points.map(({ failed }) => failed) },
        { label: "Tried again", token: "--retried", values: points.map(({ retried }) => retried) },
      ],
    },
  };
}
