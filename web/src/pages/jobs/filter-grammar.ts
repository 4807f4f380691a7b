import { zonedInstant } from "../../time/zoned-instant.ts";
import { FILTER_KEYS, type FilterKey, HOLDS, instantOf } from "./job-search.ts";

export type Filters = { readonly [key in FilterKey]?: string };

export type Parsed =
  | { readonly filters: Filters; readonly id?: string; readonly problem?: undefined }
  | { readonly problem: string };

const TERM = /(?:([a-z]+):)?(?:"([^"]*)"|(\S*))/gi;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * What people type: `queue:mail tag:eu error:"timed out" since:2h`. A word alone is a job's name or its id; text in quotes
 * alone is looked for in errors, and in arguments where jobs have no error. A time without an offset is by the clock of
 * the zone, and becomes an instant: whoever gets the link may have another one.
 */
export function parseFilter(text: string, quotedMeans: "error" | "args", zone = "UTC"): Parsed {
  if (text.split('"').length % 2 === 0) return { problem: "A quote is open: close it after the text." };
  const filters: { [key in FilterKey]?: string } = {};
  for (const [, key, quoted, word = ""] of text.matchAll(TERM)) {
    const value = quoted ?? word;
    if (key === undefined && value === "") continue;
    if (key === undefined) {
      if (quoted === undefined && UUID.test(value)) return { filters: {}, id: value.toLowerCase() };
      filters[quoted === undefined ? "name" : quotedMeans] = value;
      continue;
    }
    const known = FILTER_KEYS.find(
      (name) => name === key.toLowerCase() || ALIASES[key.toLowerCase()] === name,
    );
    if (known === undefined)
      return { problem: `There is no filter “${key}”. There are: ${FILTER_KEYS.join(", ")}.` };
    if (value === "") continue;
    filters[known] = isTime(known) ? String(zonedInstant(value, zone) ?? value) : value;
  }
  return judge(filters);
}

const ALIASES: Readonly<Record<string, FilterKey>> = {
  type: "name",
  job: "name",
  argument: "args",
  after: "since",
};

function isTime(key: FilterKey): boolean {
  return key === "since" || key === "before";
}

function judge(filters: Filters): Parsed {
  for (const key of ["since", "before"] as const) {
    const value = filters[key];
    if (value !== undefined && instantOf(value, 0) === undefined) {
      return { problem: `“${value}” is no time. Write 30m, 2h, 7d, or a date such as 2026-11-28T09:00Z.` };
    }
  }
  if (filters.hold !== undefined && !HOLDS.some((one) => one === filters.hold)) {
    return {
      problem: `Nothing holds a job by “${filters.hold}”. Write unknown (no server knows its name), limit or none.`,
    };
  }
  if (filters.path !== undefined && filters.args === undefined) {
    return { problem: "A path needs the text that is to stand there: path:0.user.id args:42." };
  }
  const long = Object.entries(filters).find(([, value]) => value.length > 200);
  return long === undefined ? { filters } : { problem: `“${long[0]}” takes 200 characters at most.` };
}
