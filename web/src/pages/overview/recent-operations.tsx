import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { OperationRow } from "../../../../src/dashboard/api/index.ts";
import { formatCount } from "../../parts/count.ts";
import { OperationMark } from "../../parts/operation-mark.tsx";
import { Ago } from "../../time/instant.tsx";

export function RecentOperations({ rows }: { readonly rows: readonly OperationRow[] }): ReactElement {
  return (
    <section className="card">
      <h2 className="flex justify-between border-b border-line px-4 py-2 font-semibold">
        Recent operations
        <Link to="/operations" className="row-link font-normal text-muted">
          All
        </Link>
      </h2>
      {rows.length === 0 && (
        <p className="p-4 text-muted">
          Nobody has requeued or deleted many jobs at once. Begin with a filter on the jobs page.
        </p>
      )}
      <ul className="divide-y divide-line">
        {rows.map(({ id, kind, state, filter, applied, createdAt }) => (
          <li key={id} className="flex items-center gap-3 px-4 py-2">
            <OperationMark state={state} />
            <span className="min-w-0 flex-1 truncate">
              {kind.charAt(0).toUpperCase() + kind.slice(1)} {filter.state}{" "}
              <b className="font-semibold">{formatCount(applied)}</b>
            </span>
            <span className="text-muted">
              <Ago at={createdAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
