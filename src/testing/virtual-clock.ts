import { FirelaterError, preview } from "../base/error.ts";
import { type Instant, InvalidInstantError, toEpochMilliseconds } from "../client/instant.ts";

/** With its zone, or a date alone, which is UTC by definition: a test must mean the same on every machine. */
const TEXT = /^[+-]?\d{4,6}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}))?$/;

/** A time that stands still until somebody moves it. */
export class VirtualClock {
  readonly #start: () => number;
  readonly #moved: (now: Date) => void;
  #now: number;

  constructor(start: string | Instant | undefined, moved: (now: Date) => void = () => {}) {
    const fixed = start === undefined ? undefined : readTime(start, "now");
    this.#start = () => fixed ?? Date.now();
    this.#moved = moved;
    this.#now = this.#start();
    this.#moved(new Date(this.#now));
  }

  get now(): number {
    return this.#now;
  }

  /** Never back: jobs have been stamped with what it showed. */
  moveTo(time: number): void {
    if (time <= this.#now) return;
    this.#now = time;
    this.#moved(new Date(time));
  }

  reset(): void {
    this.#now = this.#start();
    this.#moved(new Date(this.#now));
  }
}

/** The clock would have to go back (`FL_TIME_REVERSED`). */
export class TimeReversedError extends FirelaterError {
  constructor(to: number, now: number) {
    super({
      code: "FL_TIME_REVERSED",
      what: `The clock cannot go back to ${new Date(to).toISOString()}: it is ${new Date(now).toISOString()}.`,
      why: "What was stored until now bears its time.",
      mend: "Advance to a later time, or make a new TestJobs with an earlier `now`.",
    });
  }
}

/** Milliseconds since 1970 of a time as tests write it. */
export function readTime(time: string | Instant, label: string): number {
  if (typeof time !== "string") return toEpochMilliseconds(time, label);
  const at = TEXT.test(time) ? Date.parse(time) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new InvalidInstantError({
    code: "FL_INVALID_INSTANT",
    what: `Cannot use ${preview(time)} as ${label}.`,
    why: "A text without a zone means another time on every machine.",
    mend: 'Write it like "2026-03-01T09:00:00Z" or "2026-03-01T09:00:00+01:00", or pass a Date.',
  });
}
