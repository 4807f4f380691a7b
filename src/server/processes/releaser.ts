import { Loop } from "../../base/loop.ts";
import type { Storage } from "../../storage/index.ts";

const BITE = 100;
/** A neighbour holds the gate: it is done in moments. */
const HELD_UP_MS = 10;

/** Works off waiters that a commit has left behind, because one write settles at most a hundred of them. */
export function createReleaser(options: {
  readonly storage: Storage;
  readonly pollingMs: number;
  readonly failed: (error: unknown, failures: number) => void;
}): Loop {
  const { storage, pollingMs, failed } = options;
  return new Loop({
    failed,
    async round() {
      const { released, more } = await storage.release(BITE);
      if (!more) return pollingMs;
      return released > 0 ? 0 : HELD_UP_MS;
    },
  });
}
