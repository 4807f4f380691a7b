import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { RecurringRow } from "../../../../src/dashboard/api/index.ts";
import { StateShape } from "../../parts/state-mark.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { Instant } from "../../time/instant.tsx";

export function UpcomingRuns({ rows }: { readonly rows: readonly RecurringRow[] }): ReactElement {
  return (
    <section className="card">
      <h2 className="flex justify-between border-b border-line px-4 py-2 font-semibold">
        Next recurring runs
        <Link to="/recurring" className="row-link font-normal text-muted">
          All
        </Link>
      </h2>
      {rows.length === 0 && (
        <p className="p-4 text-muted">
          No recurring job is planned. Add one with <code className="font-mono">recurring.addOrUpdate</code>.
        </p>
      )}
      <ul className="divide-y divide-line">
        {rows.map(({ id, cron, nextAt, lastJobState }) => (
          <li key={id} className="flex items-center gap-3 px-4 py-2">
            {lastJobState === null ? <span className="size-3.5" /> : <StateShape state={lastJobState} />}
            <Link
              to="/recurring/$id"
              params={{ id }}
              className="row-link min-w-0 flex-1 truncate font-medium"
            >
              {visibleText(id)}
            </Link>
            <code className="hidden truncate font-mono text-xs text-muted sm:inline">{cron}</code>
            {nextAt !== null && <Instant at={nextAt} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
