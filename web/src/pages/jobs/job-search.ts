import type { JobsQuery } from "../../../../src/dashboard/api/index.ts";
import { isState, type JobState } from "../../parts/states.ts";
import { zonedInstant } from "../../time/zoned-instant.ts";

export const FILTER_KEYS = [
  "name",
  "queue",
  "tag",
  "hold",
  "args",
  "path",
  "error",
  "since",
  "before",
] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];

/** What may hold a job that is Enqueued: no server knows its name, it waits for a permit, nothing. */
export const HOLDS = ["unknown", "limit", "none"] as const;

/** What stands in the URL of the jobs page. `open`: the job in the drawer. */
export type JobSearch = { readonly [key in FilterKey | "state" | "columns" | "open"]?: string };

/** What a list can be asked for. */
export type ListFilter = Omit<JobsQuery, "limit" | "after" | "with">;

/** Jobs of one state, or of any. */
export type ListState = JobState | "All";

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const MINUTE_MS = 60_000;

export function stateOf(search: JobSearch): ListState {
  if (search.state === "All") return "All";
  return isState(search.state) ? search.state : "Enqueued";
}

/** The filter for the API. Spans such as `1h` are from now, by whole minutes, so that a list does not change its name each second. */
export function filterOf(search: JobSearch, now: number): ListFilter {
  const state = stateOf(search);
  const first: Pick<JobsQuery, "state"> = state === "All" ? {} : { state };
  const filter: { -readonly [key in keyof ListFilter]: ListFilter[key] } = { ...first };
  for (const key of ["name", "queue", "tag", "args", "path", "error"] as const) {
    const value = search[key];
    if (value !== undefined) filter[key] = value;
  }
  const hold = HOLDS.find((one) => one === search.hold);
  if (hold !== undefined) filter.hold = hold;
  const minute = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const since = instantOf(search.since, minute);
  const before = instantOf(search.before, minute);
  if (since !== undefined) filter.since = since;
  if (before !== undefined) filter.before = before;
  return filter;
}

export function hasFilter(search: JobSearch): boolean {
  return FILTER_KEYS.some((key) => search[key] !== undefined);
}

/**
 * `1h`, `2d`: so long ago; digits alone: Unix milliseconds; else a date, by the clock of the zone where it names none.
 * Undefined when it is none of them.
 */
export function instantOf(text: string | undefined, now: number, zone = "UTC"): number | undefined {
  if (text === undefined) return undefined;
  const [, count, unit = ""] = /^(\d+)\s*([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * (UNITS[unit] ?? 0);
  if (/^\d{6,}$/.test(text)) return Number(text);
  const zoned = zonedInstant(text, zone);
  if (zoned !== undefined) return zoned;
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? undefined : parsed;
}
