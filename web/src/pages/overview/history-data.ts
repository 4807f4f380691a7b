import type { Snapshot, StatisticsPoint } from "../../../../src/dashboard/api/index.ts";
import type { ChartData } from "../../parts/chart-data.ts";
import { dayOf } from "../../time/format-time.ts";
import { zonedInstant } from "../../time/zoned-instant.ts";
import type { Span } from "./range.ts";
import { secondBuckets } from "./second-buckets.ts";

export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface HistoryData {
  readonly finished: ChartData;
  readonly failed: ChartData;
}

/** Bars one after the other: where each begins, and where the last one ends. */
export interface Bars {
  readonly starts: readonly number[];
  readonly end: number;
}

export function liveData({ minute, at }: Pick<Snapshot, "minute" | "at">): HistoryData {
  return dataOf(secondBuckets(minute, at));
}

export function hoursOf({ from, to }: Span): Bars {
  const count = Math.round((to - from) / HOUR_MS);
  return { starts: Array.from({ length: count }, (_, at) => from + at * HOUR_MS), end: to };
}

/** So many days of a zone, the last one that of `now`: each has as many hours as its clock makes it. */
export function daysOf(now: number, zone: string, days: number): Bars {
  const [year = 0, month = 1, day = 1] = dayOf(now, zone).split("-").map(Number);
  const startOf = (away: number) => {
    const date = new Date(Date.UTC(year, month - 1, day + away)).toISOString().slice(0, 10);
    return zonedInstant(date, zone) ?? now + away * DAY_MS;
  };
  return { starts: Array.from({ length: days }, (_, at) => startOf(at - days + 1)), end: startOf(1) };
}

/** Each point counts for the bar in which it lies; the API leaves out when nothing happened. Both rise. */
export function pointsData(points: readonly StatisticsPoint[], { starts, end }: Bars): HistoryData {
  const bars = starts.map((at) => ({ at, succeeded: 0, failed: 0, deleted: 0, retried: 0 }));
  let bar = 0;
  for (const point of points) {
    while (bar + 1 < bars.length && point.at >= (bars[bar + 1]?.at ?? end)) bar += 1;
    const into = bars[bar];
    if (into === undefined || point.at < into.at || point.at >= end) continue;
    into.succeeded += point.succeeded;
    into.failed += point.failed;
    into.deleted += point.deleted;
    into.retried += point.retried;
  }
  return dataOf(bars);
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
