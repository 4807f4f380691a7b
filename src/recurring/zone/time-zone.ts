import { FARTHEST, scanOffsets } from "./scan-offsets.ts";
import type { Stretch } from "./stretch.ts";
import { unknownTimeZone } from "./unknown-time-zone-error.ts";

/** About 13 months: most questions are about the months that come, and one window answers them all. */
const WINDOW_MS = 400 * 86_400_000;
/** 70 years of windows for each zone, and every zone of the database: a few megabytes at the very most. */
const MOST_WINDOWS = 64;
const MOST_ZONES = 640;
const UTC = "UTC";

/** The offsets of one zone, found when they are asked for and kept. */
export class TimeZone {
  readonly name: string;
  readonly #windows = new Map<number, readonly Stretch[]>();
  #latest: Stretch | undefined;

  /** Throws `UnknownTimeZoneError`. */
  constructor(name: string) {
    this.name = name;
    if (name === UTC) {
      this.#latest = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY, offset: 0 };
    } else refuseUnknown(name);
  }

  /** The stretch that an instant lies in. Where it ends, the offset may go on: a window may have ended. */
  at(instant: number): Stretch {
    const latest = this.#latest;
    if (latest !== undefined && instant >= latest.start && instant < latest.end) return latest;
    const found = this.#find(instant);
    this.#latest = found;
    return found;
  }

  #find(instant: number): Stretch {
    const within = Math.max(-FARTHEST, Math.min(instant, FARTHEST));
    const stretches = this.#window(Math.floor(within / WINDOW_MS));
    const found = stretches.find(({ end }) => instant < end) ?? stretches.at(-1);
    if (found === undefined) throw new Error(`${this.name} has no offset at ${instant}`);
    return found;
  }

  #window(index: number): readonly Stretch[] {
    const known = this.#windows.get(index);
    if (known !== undefined) return known;
    const found = scanOffsets(this.name, index * WINDOW_MS, (index + 1) * WINDOW_MS);
    keep(this.#windows, index, found, MOST_WINDOWS);
    return found;
  }
}

const zones = new Map<string, TimeZone>();

/** The zone of a name, the same object each time. Throws `UnknownTimeZoneError`. */
export function timeZoneOf(name: string): TimeZone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = new TimeZone(name);
  keep(zones, name, zone, MOST_ZONES);
  return zone;
}

/** What came in first goes first: enough for a bound that is rarely met. */
function keep<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  const [oldest] = map.size >= most ? map.keys() : [];
  if (oldest !== undefined) map.delete(oldest);
  map.set(key, value);
}

function refuseUnknown(name: unknown): void {
  try {
    if (typeof name === "string" && new Intl.DateTimeFormat("en-US", { timeZone: name })) return;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw unknownTimeZone(name);
}
