import { hasTextAt, isSelected, type JobSelection, whereOf } from "../../operations/job-selection.ts";
import {
  JOB_STATES,
  type JobRecord,
  type ListQuery,
  type Page,
  type RowCut,
  type Storage,
  WHERE_CHARS,
} from "../../storage/index.ts";
import type { Incomplete } from "../api/envelope.ts";
import type { Deadline } from "../http/deadline.ts";
import { invalid } from "../http/problem.ts";
import { instant, oneOf, optional, type Readers, text } from "../http/readers.ts";
import type { Ask } from "../http/route.ts";
import { currentEntry } from "../show/entry.ts";
import type { Redactor } from "../show/redactor.ts";
import { ENTRY_CHARS, rowCut } from "../show/row-cut.ts";
import { isFingerprint, isHiddenTag, looksIntoData } from "../show/shown-filter.ts";
import { ShowBudget, showValue } from "../show/shown-json.ts";
import type { StoredValues } from "../show/stored-values.ts";

/** Rows of one page. */
export const MOST_ROWS = 200;
/** Rows that one request looks at. */
export const SEARCH_SCAN = 10_000;
/** Rows that the storage looks at in one go, so that the time is looked at in between. */
const BITE = 2_000;
/** The same where what it finds is looked at once more: as many as it answers in one go, should all of them be found. */
const CHECKED_BITE = 100;

/** What a filter says beside the state. */
export type Conditions = Omit<JobSelection, "state">;

export const FILTER_READERS: Readers<JobSelection> = {
  state: oneOf(JOB_STATES),
  hold: optional(oneOf(["due", "gate", "unknown", "limit", "none"])),
  name: optional(text(WHERE_CHARS)),
  queue: optional(text(WHERE_CHARS)),
  tag: optional(text(WHERE_CHARS)),
  args: optional(text(WHERE_CHARS)),
  path: optional(text(WHERE_CHARS)),
  error: optional(text(WHERE_CHARS)),
  since: optional(instant),
  before: optional(instant),
};

/** Refuses a search in what the viewer may not see, and one that means nothing. */
export function checkFilter(ask: Ask, filter: Conditions): void {
  if (filter.path !== undefined && filter.args === undefined)
    throw invalid("A path without args means nothing.", "Say with args which value you look for there.");
  if (filter.tag !== undefined || looksIntoData(filter)) ask.need("view-data");
}

/** Whole rows only where the texts are looked through once more. */
export function cutOf(redactor: Redactor, filter: Conditions, withArguments: boolean): RowCut | undefined {
  return looksIntoData(filter) ? undefined : rowCut(redactor, withArguments);
}

/** Whether the storage may find by a text that is hidden: where its page ends would tell of it. */
export function mayFindHidden(redactor: Redactor, filter: Conditions): boolean {
  return redactor.isOn && (looksIntoData(filter) || filter.tag !== undefined);
}

export interface JobSearchParts {
  readonly storage: Storage;
  readonly redactor: Redactor;
  readonly values: StoredValues;
}

export interface FoundPage {
  readonly rows: readonly JobRecord[];
  readonly next: string | null;
  readonly incomplete: Incomplete | null;
}

/** Which page, and what of its rows' texts. */
export interface PageWanted {
  readonly limit: number;
  readonly after?: string | undefined;
  readonly cut: RowCut | undefined;
}

/** Searches until the page is full, the jobs or the bound of rows or the time are at an end. */
export async function searchJobs(
  parts: JobSearchParts,
  filter: JobSelection,
  { limit, after, cut }: PageWanted,
  deadline: Deadline,
): Promise<FoundPage> {
  const where = whereOf(filter);
  const isPlain = Object.keys(where).length === 0;
  const isChecked = mayFindHidden(parts.redactor, filter) || filter.path !== undefined;
  const bite = isChecked ? CHECKED_BITE : BITE;
  const rows: JobRecord[] = [];
  let next = after;
  for (let seen = 0; ; ) {
    const scan = Math.min(bite, SEARCH_SCAN - seen);
    const room = limit - rows.length;
    const query = {
      ...{ state: filter.state, limit: isChecked ? scan : room },
      ...(next === undefined ? {} : { after: next }),
      ...(isPlain ? {} : { where, scan }),
      ...(cut === undefined ? {} : { cut }),
    };
    const hasSome = rows.length > 0 || seen > 0;
    const page = await pageInTime(visiblePage(parts, query, { filter, room }), deadline, hasSome);
    if (page === null) return { rows, next: next ?? null, incomplete: "time" };
    rows.push(...page.rows);
    seen += isPlain ? page.rows.length : scan;
    if (page.next === null) return { rows, next: null, incomplete: null };
    next = page.next;
    if (rows.length >= limit) return { rows, next, incomplete: null };
    if (seen >= SEARCH_SCAN) return { rows, next, incomplete: "scan" };
    if (deadline.isOver) return { rows, next, incomplete: "time" };
  }
}

/** Null when the time is over and something has been found before: then that is the answer. */
export function pageInTime(page: Promise<Page>, deadline: Deadline, hasSome: boolean): Promise<Page | null> {
  return hasSome ? deadline.within(page, null) : deadline.need(page);
}

interface Wanted {
  readonly filter: JobSelection;
  /** Rows that there is still room for. */
  readonly room: number;
}

/**
 * A page without what must not be found. Where it ends must not tell of that either: it ends where the storage has ended
 * its scan, or behind the last row that is shown, and never behind one that was found by a hidden text.
 */
async function visiblePage(parts: JobSearchParts, query: ListQuery, { filter, room }: Wanted): Promise<Page> {
  const page = await parts.storage.list(query);
  const seen = page.rows.map((job, nth) => ({ job, place: page.places[nth] ?? "" }));
  const visible = seen.filter(({ job }) => isVisible(parts, job, filter));
  const shown = visible.slice(0, room);
  const places = shown.map(({ place }) => place);
  const next = visible.length > room ? (places.at(-1) ?? null) : page.next;
  return { rows: shown.map(({ job }) => job), places, next };
}

/** The storage knows no redaction: what it found by a hidden text must not be told. */
export function isVisible(parts: JobSearchParts, job: JobRecord, filter: Conditions): boolean {
  if (!parts.redactor.isOn) return isSelected(job, filter);
  if (isHiddenTag(filter.tag, parts.redactor)) return false;
  return hasVisibleArguments(parts, job, filter) && hasVisibleEntry(parts, job, filter);
}

function hasVisibleArguments(
  { values }: JobSearchParts,
  job: JobRecord,
  { args, path }: Conditions,
): boolean {
  if (args === undefined) return true;
  const shown = values.searched(job.args);
  if (path !== undefined) return hasTextAt(shown, path, args);
  return includes(JSON.stringify(shown), args);
}

function hasVisibleEntry({ redactor }: JobSearchParts, job: JobRecord, { error }: Conditions): boolean {
  if (error === undefined || isFingerprint(error)) return true;
  const { reason, result, ...others } = currentEntry(job);
  const shown = [
    typeof reason === "string" ? redactor.text(reason, "reason") : "",
    JSON.stringify(showValue(result ?? null, redactor, ["result"], new ShowBudget(ENTRY_CHARS))),
    JSON.stringify(showValue(others.error ?? null, redactor, ["error"], new ShowBudget(ENTRY_CHARS))),
  ];
  return shown.some((part) => includes(part, error));
}

function includes(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}
