const WALL = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?$/;

/**
 * The instant of a wall clock without an offset, `2026-11-28` or `2026-11-28T09:00`, in a zone. An hour that the clock has
 * twice is the first of both; one that it leaves out is so long after the jump as it would be after its beginning.
 * Undefined when the text is not of this form, or no such day.
 */
export function zonedInstant(text: string, zone: string): number | undefined {
  const [, year, month, day, hour = "0", minute = "0", second = "0"] = WALL.exec(text) ?? [];
  if (year === undefined) return undefined;
  const wall = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const said = text.replace(" ", "T");
  if (!new Date(wall).toISOString().startsWith(said)) return undefined;
  // The clock is set by at most a few hours at a time: a day before and a day after know all offsets that can hold.
  const offsets = [wall - DAY_MS, wall + DAY_MS].map((at) => offsetAt(at, zone));
  const candidates = offsets.map((offset) => wall - offset);
  const exact = candidates.filter((at) => at + offsetAt(at, zone) === wall);
  return exact.length > 0 ? Math.min(...exact) : Math.max(...candidates);
}

const DAY_MS = 86_400_000;

/** How far the clock of the zone is ahead of UTC. */
function offsetAt(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    ...{ year: "numeric", month: "numeric", day: "numeric" },
    ...{ hour: "numeric", minute: "numeric", second: "numeric" },
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((one) => one.type === type)?.value);
  const wall = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
  return wall - Math.floor(at / 1_000) * 1_000;
}
