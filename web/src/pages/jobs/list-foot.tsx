import type { ReactElement } from "react";
import { Button } from "../../parts/button.tsx";
import { plural } from "../../parts/count.ts";
import type { JobList } from "./use-job-list.ts";

const REASONS = {
  scan: "The search stopped at the number of jobs that one request looks at.",
  time: "The search stopped because its time was over. A narrower filter goes further.",
} as const;

/** Where a list goes on, and why it stopped. */
export function ListFoot({ list }: { readonly list: JobList }): ReactElement {
  const { incomplete, hasMore, isLoadingMore, more, rows } = list;
  return (
    <div className="flex flex-wrap items-center justify-center gap-3 py-4 text-muted">
      {incomplete !== null && <p>{REASONS[incomplete]}</p>}
      {hasMore && (
        <Button icon="down" disabled={isLoadingMore} onClick={more}>
          {isLoadingMore ? "Loading…" : incomplete === null ? "Load more" : "Search on"}
        </Button>
      )}
      {!hasMore && rows.length > 0 && <p>{plural(rows.length, "job")}, and no more.</p>}
    </div>
  );
}
