import {
  isAtRest,
  type JobState,
  STATISTICS_MS,
  type StatisticsHour,
  type StatisticsRange,
} from "../../storage/index.ts";

const HOUR_MS = 3_600_000;
const NONE = { succeeded: 0, failed: 0, deleted: 0, retried: 0 };
const KINDS = { Succeeded: "succeeded", Failed: "failed", Deleted: "deleted" } as const;

/** What happened, hour by hour. */
export class Statistics {
  /** In the order in which the hours began, which is theirs as long as the clock is not turned back. */
  readonly #hours: Map<number, StatisticsHour> = new Map();

  entered(state: JobState, at: number): void {
    if (isAtRest(state)) this.#count(KINDS[state], at);
  }

  retried(at: number): void {
    this.#count("retried", at);
  }

  within({ from, to }: StatisticsRange): StatisticsHour[] {
    const found = [...this.#hours.values()].filter(({ at }) => at >= from && at < to);
    return found.sort((a, b) => a.at - b.at);
  }

  #count(kind: Exclude<keyof StatisticsHour, "at">, instant: number): void {
    const at = instant - (instant % HOUR_MS);
    const hour = this.#hours.get(at);
    if (hour === undefined) this.#forget(at - STATISTICS_MS);
    const counts = hour ?? { at, ...NONE };
    this.#hours.set(at, Object.freeze({ ...counts, [kind]: counts[kind] + 1 }));
  }

  #forget(before: number): void {
    for (const at of this.#hours.keys()) if (at < before) this.#hours.delete(at);
  }
}
