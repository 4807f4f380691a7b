import { Loop } from "../../base/loop.ts";
import type { Storage } from "../../storage/index.ts";

const BITE = 100;

/** Works off waiters that a commit has left behind, because one write settles at most a hundred of them. */
export function createReleaser(options: {
  readonly storage: Storage;
  readonly pollingMs: number;
  readonly failed: (error: unknown, failures: number) => void;
}): Loop {
  const { storage, pollingMs, failed } = options;
  return new Loop({ failed, round: async () => ((await storage.release(BITE)).more ? 0 : pollingMs) });
}
