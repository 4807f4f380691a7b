import { type QueueRecord, READY_COUNTED, type StateCounts, type Storage } from "../../storage/index.ts";

const PAGE = 100;
/** Parked jobs stand behind all ready ones: with more ready ones than this nobody goes and looks. */
const MOST_READY = 500;

/** The names of jobs that wait for code, as far as a short look finds them; how many wait for code or a permit. */
export async function parkedNames(
  storage: Storage,
  counts: StateCounts,
  queues: readonly QueueRecord[],
): Promise<{ readonly names: readonly string[]; readonly waiting: number }> {
  const ready = queues.reduce((sum, queue) => sum + queue.ready, 0);
  const waiting = Math.max(counts.Enqueued - ready, 0);
  const isCounted = queues.every((queue) => queue.ready < READY_COUNTED);
  if (waiting === 0 || !isCounted || ready > MOST_READY) return { names: [], waiting };
  const names = new Set<string>();
  let after: string | undefined;
  for (let seen = 0; seen <= ready + PAGE; seen += PAGE) {
    const from = after === undefined ? {} : { after };
    const page = await storage.list({ state: "Enqueued", limit: PAGE, ...from });
    for (const { hold, name } of page.rows) if (hold === "unknown") names.add(name);
    if (page.next === null || page.rows.at(-1)?.hold === "limit") break;
    after = page.next;
  }
  return { names: [...names].sort(), waiting };
}
