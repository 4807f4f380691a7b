import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useFeed } from "../../api/live-feed.ts";
import { formatShort } from "../../parts/count.ts";
import { StateShape } from "../../parts/state-mark.tsx";
import { type JobState, STATES } from "../../parts/states.ts";
import type { JobSearch } from "./job-search.ts";

/** All states with their counts. The filter is kept from one to the other, but for the time, which means another thing. */
export function StateTabs({
  state,
  search,
}: {
  readonly state: JobState;
  readonly search: JobSearch;
}): ReactElement {
  const counts = useFeed().snapshot?.counts;
  const { since: _, before: __, ...kept } = search;
  return (
    <nav aria-label="States" className="-mx-3 mb-4 overflow-x-auto border-b border-line px-3 md:mx-0 md:px-0">
      <ul className="flex min-w-max gap-1">
        {STATES.map((name) => (
          <li key={name}>
            <Link
              to="/jobs"
              search={{ ...kept, state: name }}
              aria-current={name === state ? "page" : undefined}
              className="flex h-10 items-center gap-2 border-b-2 border-transparent px-2.5 text-muted hover:text-ink aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-ink"
            >
              <StateShape state={name} />
              {name}
              {counts && <span className="text-xs text-muted">{formatShort(counts[name])}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
