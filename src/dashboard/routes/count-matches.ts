import type { JobSelection } from "../../operations/job-selection.ts";
import type { DryRun } from "../api/operations.ts";
import type { Deadline } from "../http/deadline.ts";
import { cutOf, type JobSearchParts, searchJobs } from "./job-search.ts";

/** Matches are counted up to here. */
const MOST_COUNTED = 10_000;
const PAGE = 200;
const MOST_NAMES = 20;

/** How many jobs match, as far as the time of a request is enough, and what they are. */
export async function countMatches(
  parts: JobSearchParts,
  filter: JobSelection,
  deadline: Deadline,
): Promise<DryRun> {
  const at = await deadline.need(parts.storage.now());
  const names = new Map<string, number>();
  let matches = 0;
  let after: string | undefined;
  let incomplete: DryRun["incomplete"] = null;
  for (;;) {
    const page = await searchJobs(
      parts,
      filter,
      { limit: PAGE, after, cut: cutOf(parts.redactor, filter, false) },
      deadline,
    );
    matches += page.rows.length;
    for (const { name } of page.rows) names.set(name, (names.get(name) ?? 0) + 1);
    incomplete = page.incomplete === "time" || deadline.isOver ? "time" : page.incomplete;
    if (page.next === null || incomplete === "time" || matches >= MOST_COUNTED) {
      if (page.next === null) incomplete = null;
      break;
    }
    after = page.next;
  }
  const byName = [...names].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count);
  const isBound = incomplete !== null || (matches >= MOST_COUNTED && after !== undefined);
  return {
    at,
    matches,
    matchesIsBound: isBound,
    scanned: matches,
    byName: byName.slice(0, MOST_NAMES),
    incomplete,
  };
}
