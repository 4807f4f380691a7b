import type { TimeZone } from "../zone/time-zone.ts";
import { NEVER, type WallClock } from "./wall-clock.ts";

/**
 * When a schedule fires in a time zone, in epoch milliseconds. Vixie cron's rules for clocks that are set, written as
 * a set of instants, so that the next one does not depend on where the search begins:
 *
 * - A reading fires at the first instant at which the wall clock shows it or is past it: at the end of the gap if the
 *   clock jumps over it, in the first pass if the clock shows it twice.
 * - A schedule of intervals fires besides whenever the wall clock shows a matching reading: in every pass.
 */

const DAY_MS = 86_400_000;
/** No offset reaches a day, so no wall clock is farther from UTC, nor falls back by more than two. */
const FARTHEST_FROM_UTC_MS = DAY_MS;
const FARTHEST_BACK_MS = 2 * DAY_MS;

/** The first firing that is not before `from`, of a schedule with a fixed time of day; `NEVER` if there is none. */
export function nextFixed(clock: WallClock, zone: TimeZone, from: number): number {
  const reading = clock.atOrAfter(farthestBefore(zone, from) + 1);
  return reading === NEVER ? NEVER : firstReached(zone, reading);
}

/** The first firing that is not before `from`, of a schedule of intervals; `NEVER` if there is none. */
export function nextInterval(clock: WallClock, zone: TimeZone, from: number): number {
  for (let at = from; ; ) {
    const { start, end, offset } = zone.at(at);
    if (at === start && hasMissed(clock, zone, at)) return at;
    const reading = clock.atOrAfter(at + offset);
    if (reading === NEVER) return NEVER;
    if (reading - offset < end) return reading - offset;
    // A later change can only bring back readings that lie behind this one if it comes soon.
    if (end - at > FARTHEST_BACK_MS) return firstReached(zone, reading);
    at = end;
  }
}

/** Whether a reading that matches is reached or passed at this instant for the first time. */
function hasMissed(clock: WallClock, zone: TimeZone, at: number): boolean {
  return clock.atOrAfter(farthestBefore(zone, at) + 1) <= at + zone.at(at).offset;
}

/** The farthest reading that the wall clock has shown before an instant. */
function farthestBefore(zone: TimeZone, instant: number): number {
  const last = instant - 1;
  let stretch = zone.at(last);
  let farthest = last + stretch.offset;
  while (stretch.start > instant - FARTHEST_BACK_MS) {
    const end = stretch.start - 1;
    stretch = zone.at(end);
    farthest = Math.max(farthest, end + stretch.offset);
  }
  return farthest;
}

/** The first instant at which the wall clock shows this reading, or is past it. */
function firstReached(zone: TimeZone, reading: number): number {
  let stretch = zone.at(reading - FARTHEST_FROM_UTC_MS);
  while (stretch.end + stretch.offset <= reading) stretch = zone.at(stretch.end);
  return Math.max(stretch.start, reading - stretch.offset);
}
