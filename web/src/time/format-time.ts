const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${name}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  // Swedish dates are ISO dates: the same for everybody, and they sort.
  const made = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, ...options });
  formats.set(key, made);
  return made;
}

const DAY = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
const MINUTE = { hour: "2-digit", minute: "2-digit" } as const;

/** `2026-11-28 04:24:36.120 CET`: all that is known. */
export function fullTime(at: number, zone: string): string {
  const text = format(zone, "full", {
    ...DAY,
    ...CLOCK,
    fractionalSecondDigits: 3,
    timeZoneName: "short",
  }).format(at);
  return text.replace(",", ".");
}

/** The clock alone today, the day too otherwise. */
export function shortTime(at: number, zone: string, now: number): string {
  const day = dayOf(at, zone);
  if (day === dayOf(now, zone)) return clockTime(at, zone);
  return `${day.slice(0, 4) === dayOf(now, zone).slice(0, 4) ? day.slice(5) : day} ${minuteTime(at, zone)}`;
}

export function clockTime(at: number, zone: string): string {
  return format(zone, "clock", CLOCK).format(at);
}

export function minuteTime(at: number, zone: string): string {
  return format(zone, "minute", MINUTE).format(at);
}

export function dayOf(at: number, zone: string): string {
  return format(zone, "day", DAY).format(at);
}

export function weekdayOf(at: number, zone: string): string {
  const key = `${zone} weekday`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat("en", { timeZone: zone, weekday: "short" });
  formats.set(key, known);
  return known.format(at);
}

/** `+01:00`, or `UTC`. */
export function offsetOf(minutes: number): string {
  if (minutes === 0) return "UTC";
  const size = Math.abs(minutes);
  const two = (value: number) => String(Math.trunc(value)).padStart(2, "0");
  return `${minutes < 0 ? "−" : "+"}${two(size / 60)}:${two(size % 60)}`;
}
