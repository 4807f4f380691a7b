import { setTimeout as delay } from "node:timers/promises";
import { StorageBusyError } from "../../storage/index.ts";
import { isBusy } from "./errors.ts";

/**
 * Does what needs a lock of the file, again until no other process holds it. The wait is ours and asynchronous (the
 * busy timeout of every connection is 0): SQLite's own would stop the host for up to a second.
 *
 * @throws StorageBusyError when the lock was not free for `timeoutMs`.
 */
export async function whenUnlocked<T>(storage: string, timeoutMs: number, attempt: () => T): Promise<T> {
  const from = performance.now();
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error)) throw error;
      const waited = performance.now() - from;
      if (waited > timeoutMs) throw new StorageBusyError(storage, Math.round(waited), error);
    }
    await delay(1 + Math.random() * 5);
  }
}
