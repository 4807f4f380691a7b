import type { StateCounts, StatisticsHour, Storage } from "../../storage/index.ts";
import type { MinutePoint } from "../api/overview.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const MOST_POINTS = 61;
/** After a longer pause in which nobody looked nothing is said of it: it was no moment. */
const LONGEST_GAP_MS = 10_000;
const COUNTED = ["succeeded", "failed", "deleted", "retried"] as const;

/** What the counters of an hour became since they were looked at before: what happened just now, at no cost to any job. */
export class LastMinute {
  #points: MinutePoint[] = [];
  #before: { readonly at: number; readonly hours: ReadonlyMap<number, StatisticsHour> } | undefined;

  async look(storage: Storage, now: number, counts: StateCounts): Promise<readonly MinutePoint[]> {
    const since = this.#before?.at ?? now;
    const from = since - (since % HOUR_MS);
    const found = await storage.statistics({ from, to: now + 1 });
    const hours = new Map(found.map((hour) => [hour.at, hour]));
    const gap = now - since;
    if (this.#before !== undefined && gap > 0 && gap <= LONGEST_GAP_MS) {
      const point = difference(hours, this.#before.hours, now, counts.Enqueued);
      this.#points = [...this.#points, point].filter(({ at }) => at > now - MINUTE_MS).slice(-MOST_POINTS);
    }
    this.#before = { at: now, hours };
    return this.#points;
  }
}

function difference(
  hours: ReadonlyMap<number, StatisticsHour>,
  before: ReadonlyMap<number, StatisticsHour>,
  at: number,
  enqueued: number,
): MinutePoint {
  const point = { at, succeeded: 0, failed: 0, deleted: 0, retried: 0, enqueued };
  for (const [start, hour] of hours) {
    for (const kind of COUNTED) point[kind] += Math.max(hour[kind] - (before.get(start)?.[kind] ?? 0), 0);
  }
  return point;
}
