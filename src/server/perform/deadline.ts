import { LONGEST_TIMER_MS } from "../../base/duration.ts";

/** When waiting has to end. It may be brought forward while somebody waits. */
export class Deadline {
  #at: number;
  readonly #rearm = new Set<() => void>();

  constructor(ms: number) {
    this.#at = performance.now() + ms;
  }

  /** Ends the waiting `ms` from now, unless it ends sooner already. */
  bringForward(ms: number): void {
    this.#at = Math.min(this.#at, performance.now() + ms);
    for (const rearm of this.#rearm) rearm();
  }

  /**
   * Waits for work until the deadline, and for `atMostMs`. Work that needs no waiting is done even when the deadline has
   * passed: it is looked at for one timer's time.
   */
  async wait(work: Promise<unknown>, atMostMs: number = Number.POSITIVE_INFINITY): Promise<void> {
    const until = performance.now() + atMostMs;
    const over = Promise.withResolvers<void>();
    let timer: NodeJS.Timeout | undefined;
    const arm = () => {
      clearTimeout(timer);
      const ms = Math.min(this.#at, until) - performance.now();
      timer = setTimeout(over.resolve, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
    };
    arm();
    this.#rearm.add(arm);
    try {
      await Promise.race([work, over.promise]);
    } finally {
      this.#rearm.delete(arm);
      clearTimeout(timer);
    }
  }
}
