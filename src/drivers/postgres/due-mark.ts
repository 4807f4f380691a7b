/** A place in the index of due jobs. */
export interface DuePosition {
  readonly dueAt: number;
  readonly seq: number;
}

export const FIRST_DUE: DuePosition = { dueAt: Number.MIN_SAFE_INTEGER, seq: 0 };

/** At least this often a bite walks from the start. */
const WHOLE_EVERY_MS = 1_000;

/**
 * Up to where this process has readied due jobs, kept from one full bite to the next.
 *
 * Like claims, promotions leave dead entries at the front of their index, which an open snapshot keeps there: bites from
 * the start would each pass over all that the bites before them have readied, 300 µs a job after 40,000 instead of 30.
 * Below the mark stand at most jobs that were stored with an earlier time meanwhile. They are found as soon as a bite
 * falls short, when this process has stored them itself, and once a second.
 */
export class DueMark {
  #position = FIRST_DUE;
  #wholeAt = 0;

  /** Where the next bite begins. */
  from(now = performance.now()): DuePosition {
    if (now - this.#wholeAt >= WHOLE_EVERY_MS) {
      this.forget();
      this.#wholeAt = now;
    }
    return this.#position;
  }

  /** The bite was full: more may be due behind this. */
  reached(position: DuePosition): void {
    this.#position = position;
  }

  /** A job is due from `at` on. */
  heard(at: number): void {
    if (at <= this.#position.dueAt) this.forget();
  }

  forget(): void {
    this.#position = FIRST_DUE;
  }
}
