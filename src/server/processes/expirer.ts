import { Loop } from "../../base/loop.ts";
import type { Retention, Storage } from "../../storage/index.ts";

const SMALLEST_BITE = 100;
/** A bite that takes longer is halved, one that takes less than half of it is doubled. */
const BITE_MS = 10;
const REST_MS = 10_000;

/**
 * Removes finished jobs that are out of date, in bites small enough that nobody waits for them. It rests as long as a
 * bite took, so that cleaning takes at most half of the writer's time; that is several times faster than jobs finish.
 */
export function createExpirer(options: {
  readonly storage: Storage;
  readonly retention: readonly Retention[];
  readonly failed: (error: unknown, failures: number) => void;
}): Loop {
  const { storage, retention, failed } = options;
  const cursors = new Map<Retention, string>();
  let bite = SMALLEST_BITE;

  /** One bite of one state; whether more is waiting there. */
  async function expire(one: Retention): Promise<boolean> {
    const after = cursors.get(one);
    const { next } = await storage.expire({
      retention: one,
      limit: bite,
      ...(after === undefined ? {} : { after }),
    });
    if (next === null) cursors.delete(one);
    else cursors.set(one, next);
    return next !== null;
  }

  return new Loop({
    failed,
    async round() {
      const from = performance.now();
      let more = false;
      for (const one of retention) more = (await expire(one)) || more;
      const took = performance.now() - from;
      bite = nextBite(bite, took, storage.manifest.maxRows);
      return more ? took : REST_MS;
    },
  });
}

function nextBite(bite: number, took: number, most: number): number {
  if (took > BITE_MS) return Math.max(bite >> 1, SMALLEST_BITE);
  return took < BITE_MS / 2 ? Math.min(bite * 2, most) : bite;
}
