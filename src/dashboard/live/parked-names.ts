import type { ListQuery, QueueRecord, StateCounts, Storage } from "../../storage/index.ts";
import { NO_TEXTS } from "../show/row-cut.ts";

const PAGE = 100;
/** Parked jobs that are looked at, the first in their order: their names are as good as always few. */
const MOST_SEEN = 500;
const PARKED: ListQuery = {
  state: "Enqueued",
  where: { hold: "unknown" },
  limit: PAGE,
  scan: PAGE,
  cut: NO_TEXTS,
};

/** The names of jobs that wait for code, as far as a short look finds them; how many wait for code or a permit. */
export async function parkedNames(
  storage: Storage,
  counts: StateCounts,
  queues: readonly QueueRecord[],
): Promise<{ readonly names: readonly string[]; readonly waiting: number }> {
  const ready = queues.reduce((sum, queue) => sum + queue.ready, 0);
  const waiting = Math.max(counts.Enqueued - ready, 0);
  const names = new Set<string>();
  let after: string | null = null;
  for (let seen = 0; waiting > 0 && seen < MOST_SEEN; seen += PAGE) {
    const { rows, next } = await storage.list(after === null ? PARKED : { ...PARKED, after });
    for (const { name } of rows) names.add(name);
    if (next === null) break;
    after = next;
  }
  return { names: [...names].sort(), waiting };
}
