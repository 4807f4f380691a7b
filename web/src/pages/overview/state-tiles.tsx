import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Snapshot } from "../../../../src/dashboard/api/index.ts";
import { formatCount, formatTile } from "../../parts/count.ts";
import { StateMark } from "../../parts/state-mark.tsx";
import { STATES } from "../../parts/states.ts";

/** All jobs by their state, each the way to its list. */
export function StateTiles({ counts }: { readonly counts: Snapshot["counts"] }): ReactElement {
  return (
    <nav
      aria-label="Jobs by state"
      className="card grid grid-cols-2 overflow-hidden sm:grid-cols-4 xl:grid-cols-7"
    >
      {STATES.map((state) => (
        <Link
          key={state}
          to="/jobs"
          search={{ state }}
          className="-m-px flex flex-col gap-0.5 border border-line px-4 py-2 hover:bg-hover"
        >
          <StateMark state={state} />
          <span title={formatCount(counts[state])} className="text-base font-semibold whitespace-nowrap">
            {formatTile(counts[state])}
          </span>
        </Link>
      ))}
    </nav>
  );
}
