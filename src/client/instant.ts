import { type Duration, toMilliseconds } from "../base/duration.ts";
import { FirelaterError, preview } from "../base/error.ts";
import type { Due } from "../storage/index.ts";

/** A point in time: a Date, or a `Temporal.Instant` or `Temporal.ZonedDateTime`. */
export type Instant = Date | { readonly epochMilliseconds: number };

/** An invalid Date, or something that is no point in time (`FL_INVALID_INSTANT`). */
export class InvalidInstantError extends FirelaterError {}

const FARTHEST = 8.64e15; // what a Date can hold, either side of 1970

/** Milliseconds since 1970, rounded up so that nothing is ever early. A time in the past is fine: it is due at once. */
export function toEpochMilliseconds(instant: Instant, label = "the time"): number {
  const exact = instant instanceof Date ? instant.getTime() : fromTemporal(instant);
  if (typeof exact === "number" && Math.abs(exact) <= FARTHEST) return Math.ceil(exact);
  throw new InvalidInstantError({
    code: "FL_INVALID_INSTANT",
    what: `Cannot use ${instant instanceof Date ? "an invalid Date" : preview(instant)} as ${label}.`,
    mend: "Pass a Date, a Temporal.Instant or a Temporal.ZonedDateTime.",
  });
}

/** When a job is due: after a duration, or at a time. */
export function toDue(when: Duration | Instant): Due {
  const isInstant =
    when instanceof Date || (typeof when === "object" && when !== null && "epochMilliseconds" in when);
  return isInstant ? { at: toEpochMilliseconds(when) } : { in: toMilliseconds(when, "the delay") };
}

function fromTemporal(instant: unknown): unknown {
  return typeof instant === "object" && instant !== null
    ? Reflect.get(instant, "epochMilliseconds")
    : undefined;
}
