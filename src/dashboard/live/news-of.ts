import type { Snapshot } from "../api/overview.ts";

/** What of a snapshot is news: not its time, and no second in which nothing happened. */
export function newsOf({ at: _, tookMs: __, minute, ...rest }: Snapshot): string {
  const happened = minute.filter(
    ({ succeeded, failed, deleted, retried }) => succeeded + failed + deleted + retried > 0,
  );
  return JSON.stringify([rest, happened]);
}
