import { Loop } from "../../base/loop.ts";
import type { Storage } from "../../storage/index.ts";

const BITE = 500;
/** Aimed a little late: a timer that fires early would find nothing and have to come back. */
const LATE_MS = 1;

/** Readies scheduled jobs at their time, never before it, by the store's clock: a local clock only measures waits. */
export function createPromoter(options: {
  readonly storage: Storage;
  readonly pollingMs: number;
  readonly failed: (error: unknown, failures: number) => void;
}): Loop {
  const { storage, pollingMs, failed } = options;
  const bite = Math.min(BITE, storage.manifest.maxRows);
  return new Loop({
    failed,
    async round() {
      const { promoted, nextDueAt, now } = await storage.promote(bite);
      if (promoted === bite) return 0;
      const untilDue = nextDueAt === null ? pollingMs : Math.max(nextDueAt - now, 0) + LATE_MS;
      return Math.min(untilDue, pollingMs);
    },
  });
}
