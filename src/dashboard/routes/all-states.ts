import { whereOf } from "../../operations/job-selection.ts";
import { JOB_STATES, type JobRecord, type ListQuery } from "../../storage/index.ts";
import type { Deadline } from "../http/deadline.ts";
import {
  type Conditions,
  type FoundPage,
  isVisible,
  type JobSearchParts,
  type PageWanted,
  pageInTime,
  SEARCH_SCAN,
} from "./job-search.ts";

/** Rows that one look goes over in one list, and looks at one list in one request: together `SEARCH_SCAN`. */
const SCAN = 700;
const MOST_LOOKS = Math.floor(SEARCH_SCAN / SCAN / JOB_STATES.length);

/** Where a page goes on in the list of a state: at its start, behind a place, or nowhere any more. */
type From = { readonly after?: string } | null;

interface Seen {
  readonly job: JobRecord;
  readonly place: string;
}

/** The list of one state, as far as one request has read it. */
class StateList {
  readonly #query: ListQuery;
  #from: From;
  /** Read and not taken; and where the list goes on behind these. */
  #rows: readonly Seen[] = [];
  #rest: From;
  #looks = 0;

  constructor(query: ListQuery, from: From) {
    this.#query = query;
    this.#from = from;
    this.#rest = from;
  }

  get first(): JobRecord | undefined {
    return this.#rows[0]?.job;
  }

  /** Where the next page goes on. */
  get from(): From {
    return this.#rows.length > 0 ? this.#from : this.#rest;
  }

  /** Which job is next, or that there is none, is not known without another look. */
  get isOpen(): boolean {
    return this.#rows.length === 0 && this.#rest !== null;
  }

  get isTired(): boolean {
    return this.#looks >= MOST_LOOKS;
  }

  take(): JobRecord | undefined {
    const [taken, ...others] = this.#rows;
    if (taken === undefined) return undefined;
    this.#rows = others;
    this.#from = { after: taken.place };
    return taken.job;
  }

  /** False when the time was over first. */
  async look(
    parts: JobSearchParts,
    filter: Conditions,
    deadline: Deadline,
    hasSome: boolean,
  ): Promise<boolean> {
    this.#looks++;
    const asked = parts.storage.list({ ...this.#query, ...this.#rest });
    const page = await pageInTime(asked, deadline, hasSome);
    if (page === null) return false;
    const rows = page.rows.map((job, nth): Seen => ({ job, place: page.places[nth] ?? "" }));
    this.#from = this.#rest;
    this.#rows = rows.filter(({ job }) => isVisible(parts, job, filter));
    this.#rest = page.next === null ? null : { after: page.next };
    return true;
  }
}

/**
 * The lists of all states merged: of the jobs that are next in each, the one that entered its state last. A page costs
 * a page of each list at most; where few jobs match it ends when the lists have been looked into as far as one request may.
 */
export async function searchAll(
  parts: JobSearchParts,
  filter: Conditions,
  { limit, after, cut }: PageWanted,
  deadline: Deadline,
): Promise<FoundPage> {
  const froms = after === undefined ? [] : readFroms(after);
  const where = whereOf(filter);
  const lists = JOB_STATES.map((state, nth) => {
    const search = Object.keys(where).length === 0 ? {} : { where, scan: SCAN };
    const query = { state, limit, ...search, ...(cut === undefined ? {} : { cut }) };
    const from = froms[nth];
    return new StateList(query, from === undefined ? {} : from);
  });
  const rows: JobRecord[] = [];
  const page = (incomplete: FoundPage["incomplete"]): FoundPage => ({
    rows,
    next: textOf(lists),
    incomplete,
  });
  for (let looks = 0; rows.length < limit; ) {
    const open = lists.filter((list) => list.isOpen);
    if (open.length > 0) {
      if (open.some((list) => list.isTired)) return page("scan");
      if (looks > 0 && deadline.isOver) return page("time");
      const looked = await Promise.all(open.map((list) => list.look(parts, filter, deadline, looks > 0)));
      looks++;
      if (looked.includes(false)) return page("time");
      continue;
    }
    const job = latest(lists)?.take();
    if (job === undefined) break;
    rows.push(job);
  }
  return page(null);
}

function latest(lists: readonly StateList[]): StateList | undefined {
  let found: StateList | undefined;
  for (const list of lists) {
    if (list.first !== undefined && list.first.stateAt > (found?.first?.stateAt ?? -1)) found = list;
  }
  return found;
}

/** For each state where it goes on: null where it is at its end, 0 at its start. */
function textOf(lists: readonly StateList[]): string | null {
  const froms = lists.map(({ from }) => (from === null ? null : (from.after ?? 0)));
  return froms.every((from) => from === null) ? null : JSON.stringify(froms);
}

/** A cursor comes from outside: anything else than what `textOf` makes reads as the start. */
function readFroms(text: string): readonly From[] {
  try {
    const froms: unknown = JSON.parse(text);
    if (!Array.isArray(froms) || froms.length !== JOB_STATES.length) return [];
    return froms.map((from: unknown): From => {
      if (from === null) return null;
      return typeof from === "string" ? { after: from } : {};
    });
  } catch {
    return [];
  }
}
