import type { QueueRecord } from "../../storage/index.ts";

const WINDOW_MS = 120_000;
/** Less says nothing. */
const LEAST_MS = 5_000;

interface Seen {
  readonly at: number;
  readonly ready: number;
}

/** By how much the ready jobs of each queue fell in the last minutes, out of what was seen while somebody looked. */
export class QueueRates {
  readonly #seen = new Map<string, Seen[]>();

  see(queues: readonly QueueRecord[], now: number): void {
    const names = new Set(queues.map(({ queue }) => queue));
    for (const queue of this.#seen.keys()) if (!names.has(queue)) this.#seen.delete(queue);
    for (const { queue, ready, isBound } of queues) {
      const seen = (this.#seen.get(queue) ?? []).filter(({ at }) => at > now - WINDOW_MS && at < now);
      // One that is counted only up to the bound has no known length.
      this.#seen.set(queue, isBound ? [] : [...seen, { at: now, ready }].slice(-WINDOW_MS / 1_000));
    }
  }

  /** Jobs a minute that became fewer; null when too little was seen. */
  perMinute(queue: string): number | null {
    const seen = this.#seen.get(queue) ?? [];
    const first = seen[0];
    const last = seen.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < LEAST_MS) return null;
    return Math.round(((first.ready - last.ready) * 60_000) / (last.at - first.at));
  }
}
