import type { Stretch } from "./stretch.ts";

/** What a Date can hold, either side of 1970. */
export const FARTHEST = 8.64e15;

/**
 * The shortest time between two changes of an offset in the IANA database is 3 days 23 hours 40 minutes (Freetown,
 * September 1939); the next is a week (Brazil 2000, Gaza in most years to come). With a probe each day, no change can
 * hide between two probes by being taken back.
 */
const PROBE_MS = 86_400_000;
const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

/**
 * The stretches between two instants that lie whole seconds after 1970. The outermost ones of what a Date can hold go
 * on for ever. `Intl` is asked once a day and some forty times a change: callers keep what comes back.
 */
export function scanOffsets(timeZone: string, from: number, to: number): Stretch[] {
  const offsetAt = offsetsOf(timeZone);
  const stretches: Stretch[] = [];
  let start = from <= -FARTHEST ? Number.NEGATIVE_INFINITY : from;
  let probe = Math.max(from, -FARTHEST);
  let offset = offsetAt(probe);
  const last = Math.min(to, FARTHEST);
  while (probe < last) {
    const next = Math.min(probe + PROBE_MS, last);
    // More than one change may lie between two probes; each round takes the first one found and looks again behind it.
    while (offsetAt(next) !== offset) {
      const change = findChange(offsetAt, probe, next, offset);
      stretches.push({ start, end: change, offset });
      start = change;
      probe = change;
      offset = offsetAt(change);
    }
    probe = next;
  }
  const end = to >= FARTHEST ? Number.POSITIVE_INFINITY : to;
  if (end > start) stretches.push({ start, end, offset });
  return stretches;
}

/** The first second that no longer has the offset of `low`. */
function findChange(offsetAt: (at: number) => number, low: number, high: number, offset: number): number {
  let before = low / 1_000;
  let after = high / 1_000;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle * 1_000) === offset) before = middle;
    else after = middle;
  }
  return after * 1_000;
}

/**
 * The offset as `Intl` writes it, "GMT+05:30" or "GMT-00:44:30". The formatter is not kept: it weighs tens of
 * kilobytes, and making it costs less than one scan.
 */
function offsetsOf(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  return (at) => {
    const [, sign, hours = 0, minutes = 0, seconds = 0] = OFFSET.exec(format.format(at)) ?? [];
    const size = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
    return sign === "-" ? -size : size;
  };
}
