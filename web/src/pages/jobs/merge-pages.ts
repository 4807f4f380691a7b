import type { JobRow, JobsPage } from "../../../../src/dashboard/api/index.ts";

type Rows = Pick<JobsPage, "rows" | "next">;

export interface Merged {
  /** In the places that they have, with what is known of them now. */
  readonly rows: readonly JobRow[];
  readonly gone: ReadonlySet<string>;
  readonly arrived: number;
}

/** The list that is shown, beside its first page as it is now. */
export function mergePages(pages: readonly Rows[], fresh: Rows | undefined): Merged {
  // A job that came back to the list while it was being loaded stands on two pages: it keeps its first place.
  const shown = [...new Map(pages.flatMap(({ rows }) => rows.map((row) => [row.id, row]))).values()];
  if (fresh === undefined) return { rows: shown, gone: new Set(), arrived: 0 };
  const now = new Map(fresh.rows.map((row) => [row.id, row]));
  const known = new Set(shown.map(({ id }) => id));
  // Beyond the last row that both have, one that is missing may just stand on the next page.
  const covered = fresh.next === null ? shown.length : shown.findLastIndex(({ id }) => now.has(id));
  const gone = shown.slice(0, Math.max(0, covered)).filter(({ id }) => !now.has(id));
  return {
    rows: shown.map((row) => now.get(row.id) ?? row),
    gone: new Set(gone.map(({ id }) => id)),
    arrived: fresh.rows.filter(({ id }) => !known.has(id)).length,
  };
}
