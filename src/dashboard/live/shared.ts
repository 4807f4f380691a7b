/** An answer is kept for at least so many times what it took: a slow storage is not kept busy by those who look. */
const REST = 4;
/** And for no longer than this, also while it is being made: a call that never comes back must not be the last one. */
const LONGEST_MS = 60_000;

interface Made<T> {
  readonly value: Promise<T>;
  /** Until when it is the answer. */
  readonly until: number;
}

/**
 * One answer for all who ask within a moment: a storage is asked once, however many look. A failure is not kept: who asks
 * next tries again.
 */
export class Shared<T> {
  readonly #make: () => Promise<T>;
  readonly #keptMs: number;
  #made: Made<T> | undefined;

  constructor(keptMs: number, make: () => Promise<T>) {
    this.#keptMs = keptMs;
    this.#make = make;
  }

  get(): Promise<T> {
    const began = performance.now();
    if (this.#made !== undefined && began < this.#made.until) return this.#made.value;
    const value = this.#make();
    const making: Made<T> = { value, until: began + LONGEST_MS };
    this.#made = making;
    value.then(
      () => {
        if (this.#made !== making) return;
        const took = performance.now() - began;
        const kept = Math.max(this.#keptMs, Math.min(REST * took, LONGEST_MS));
        // What is kept is counted from its beginning: a timer of a second finds a new answer each second.
        this.#made = { value, until: took < this.#keptMs ? began + kept : performance.now() + kept };
      },
      () => {
        if (this.#made === making) this.#made = undefined;
      },
    );
    return value;
  }

  /** Who asks next is told what is so now. */
  forget(): void {
    this.#made = undefined;
  }
}
