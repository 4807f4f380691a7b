import { Link } from "@tanstack/react-router";
import { type ReactElement, useEffect, useRef } from "react";
import { useFeed } from "../../api/live-feed.ts";
import { formatShort } from "../../parts/count.ts";
import { StateShape } from "../../parts/state-mark.tsx";
import { STATES } from "../../parts/states.ts";
import type { JobSearch, ListState } from "./job-search.ts";

const TABS: readonly ListState[] = ["All", ...STATES];

/** All states with their counts. The filter is kept from one to the other, but for the time, which means another thing. */
export function StateTabs({
  state,
  search,
}: {
  readonly state: ListState;
  readonly search: JobSearch;
}): ReactElement {
  const counts = useFeed().snapshot?.counts;
  const tabs = useRef<HTMLElement>(null);
  const { since: _, before: __, open: ___, ...kept } = search;
  const counted = counts !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab is current then, or all are wider
  useEffect(() => showCurrent(tabs.current), [state, counted]);
  return (
    <nav
      ref={tabs}
      aria-label="States"
      className="relative -mx-3 mb-4 overflow-x-auto border-b border-line px-3 md:mx-0 md:px-0"
    >
      <ul className="flex min-w-max gap-1">
        {TABS.map((name) => (
          <li key={name}>
            <Link
              to="/jobs"
              search={{ ...kept, state: name }}
              resetScroll={false}
              aria-current={name === state ? "page" : undefined}
              className="flex h-10 items-center gap-2 border-b-2 border-transparent px-2.5 text-muted hover:text-ink aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-ink"
            >
              {name !== "All" && <StateShape state={name} />}
              {name}
              {counts && name !== "All" && (
                <span className="text-xs text-muted">{formatShort(counts[name])}</span>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Where the tabs are wider than the window, the current one is in sight. */
function showCurrent(tabs: HTMLElement | null): void {
  const link = tabs?.querySelector<HTMLElement>("[aria-current=page]");
  if (tabs == null || link == null) return;
  tabs.scrollLeft = link.offsetLeft - (tabs.clientWidth - link.offsetWidth) / 2;
}
