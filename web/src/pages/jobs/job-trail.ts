import type { JobSearch } from "./job-search.ts";

interface Trail {
  readonly ids: readonly string[];
  readonly search: JobSearch;
}

/** The list that people came from: what `[` and `]` on the page of a job step through, and the way back leads to. */
let trail: Trail = { ids: [], search: {} };

export function leaveTrail(ids: readonly string[], search: JobSearch): void {
  const { open: _, ...list } = search;
  trail = { ids, search: list };
}

export function neighbour(id: string, step: 1 | -1): string | undefined {
  const at = trail.ids.indexOf(id);
  return at < 0 ? undefined : trail.ids[at + step];
}

/** Undefined when people did not come from a list with this job. */
export function wayBack(id: string): JobSearch | undefined {
  return trail.ids.includes(id) ? trail.search : undefined;
}
