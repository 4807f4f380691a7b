import { type Instant, toEpochMilliseconds } from "../client/instant.ts";
import { type CronFields, isInterval } from "./cron/cron-fields.ts";
import { nextFixed, nextInterval } from "./cron/firings.ts";
import { formatCron } from "./cron/format-cron.ts";
import { parseCron } from "./cron/parse-cron.ts";
import { WallClock } from "./cron/wall-clock.ts";
import { FARTHEST } from "./zone/scan-offsets.ts";
import { timeZoneOf } from "./zone/time-zone.ts";

/** How `next` searches. */
export interface CronNextOptions {
  /** A name of the IANA database, such as `"Europe/Paris"`; default `"UTC"`. */
  readonly timeZone?: string;
  /** Whether `after` itself may be the answer; default false. */
  readonly inclusive?: boolean;
}

/** How `between` searches. The defaults make windows that touch share no time: from is in, to is not. */
export interface CronBetweenOptions {
  /** A name of the IANA database, such as `"Europe/Paris"`; default `"UTC"`. */
  readonly timeZone?: string;
  /** Whether `from` itself is given if it matches; default true. */
  readonly fromInclusive?: boolean;
  /** Whether `to` itself is given if it matches; default false. */
  readonly toInclusive?: boolean;
}

const DEFAULT_ZONE = "UTC";

/**
 * A parsed cron expression: five fields (minute, hour, day of month, month, day of week), six with the second before
 * them, or a macro such as `@daily`. Day of month and day of week must both match. When clocks are set forward, what
 * would be skipped runs once, right after the gap; when they are set back, intervals run in both passes and fixed
 * times in the first. The whole dialect: `docs/guide/cron.md`.
 *
 * @example
 * ```ts
 * import { CronExpression } from "firelater";
 *
 * const weekdays = CronExpression.parse("0 9 * * MON-FRI");
 * const next = weekdays.next(new Date("2027-01-01T12:00:00Z"), { timeZone: "Europe/Paris" });
 * console.log(next?.toISOString()); // 2027-01-04T08:00:00.000Z
 * ```
 */
export class CronExpression {
  readonly #fields: CronFields;
  readonly #clock: WallClock;
  readonly #next: typeof nextFixed;

  private constructor(fields: CronFields) {
    this.#fields = fields;
    this.#clock = new WallClock(fields);
    this.#next = isInterval(fields) ? nextInterval : nextFixed;
  }

  /** Reads an expression. Throws `InvalidCronError`, which names the field, the part and what would fit. */
  static parse(text: string): CronExpression {
    return new CronExpression(parseCron(text));
  }

  /**
   * The first time after `after`; null if there is none before the end of what a `Date` can hold, as for 31 February.
   * Throws `UnknownTimeZoneError` and `InvalidInstantError`.
   */
  next(after: Instant, { timeZone, inclusive = false }: CronNextOptions = {}): Date | null {
    const at = this.nextAt(toEpochMilliseconds(after), timeZone, inclusive);
    return at === null ? null : new Date(at);
  }

  /**
   * The times from `from` up to `to`, found one by one as they are asked for; iterating again begins anew. `from` is
   * included and `to` is not, unless the options say otherwise. Throws `UnknownTimeZoneError` and
   * `InvalidInstantError` at once.
   *
   * @example
   * ```ts
   * import { CronExpression } from "firelater";
   *
   * const hourly = CronExpression.parse("@hourly");
   * for (const at of hourly.between(new Date("2027-01-01"), new Date("2027-01-02"))) console.log(at.toISOString());
   * ```
   */
  between(from: Instant, to: Instant, options: CronBetweenOptions = {}): Iterable<Date> {
    const { timeZone = DEFAULT_ZONE, fromInclusive = true, toInclusive = false } = options;
    const start = toEpochMilliseconds(from, "the start");
    const end = toEpochMilliseconds(to, "the end");
    timeZoneOf(timeZone);
    const times = (): Iterator<Date> =>
      this.#times(start, fromInclusive, toInclusive ? end + 1 : end, timeZone);
    return { [Symbol.iterator]: times };
  }

  /** The canonical text: the same for all expressions that mean the same, and `parse` gives an equal one again. */
  toString(): string {
    return formatCron(this.#fields);
  }

  /**
   * `next` in epoch milliseconds, without a Date on either side.
   *
   * @internal
   */
  nextAt(after: number, timeZone: string = DEFAULT_ZONE, inclusive = false): number | null {
    const at = this.#next(this.#clock, timeZoneOf(timeZone), inclusive ? after : after + 1);
    return at <= FARTHEST ? at : null;
  }

  *#times(from: number, inclusive: boolean, end: number, timeZone: string): Generator<Date, undefined> {
    let at = this.nextAt(from, timeZone, inclusive);
    while (at !== null && at < end) {
      yield new Date(at);
      at = this.nextAt(at, timeZone);
    }
  }
}
