import { setTimeout as delay } from "node:timers/promises";
import { backoffDelay } from "../../base/backoff.ts";
import { StorageRefusedError } from "../../storage/index.ts";

const BACKOFF = { firstMs: 20, longestMs: 5_000 };

/**
 * Asks a storage that fails again until it answers: a claim is held meanwhile, and an outage is no fault of the job.
 * Data that it refuses is not offered twice. Once `signal` is aborted there is one more try, then the error goes out.
 */
export async function insist<T>(
  ask: () => Promise<T>,
  options: { readonly signal: AbortSignal; readonly failed?: (error: unknown, waitMs: number) => void },
): Promise<T> {
  const { signal, failed } = options;
  for (let failures = 1; ; failures++) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof StorageRefusedError || signal.aborted) throw error;
      const wait = Math.round(backoffDelay(BACKOFF, failures));
      failed?.(error, wait);
      await delay(wait, undefined, { signal }).catch(() => {});
    }
  }
}
