import { Link } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import { useLiveQuery } from "../../api/use-live-query.ts";
import { Button } from "../../parts/button.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { Panel } from "./panel.tsx";

const EVERY_MS = 5_000;
const FIRST = 10;
const MOST = 100;

/** The jobs that wait for this one, or waited for it. Nothing where there are none. */
export function Continuations({ id }: { readonly id: string }): ReactElement | null {
  const [limit, setLimit] = useState(FIRST);
  const asked = { params: { id }, query: { limit } };
  const children = useLiveQuery("GET jobs/:id/children", asked, { everyMs: EVERY_MS }).data;
  if (children === undefined || children.rows.length === 0) return null;
  return (
    <Panel title="Continued by">
      <ul className="flex flex-col gap-1.5">
        {children.rows.map((child) => (
          <li key={child.id} className="flex items-center gap-3">
            {child.state !== null && <StateMark state={child.state} />}
            <Link to="/jobs/$id" params={{ id: child.id }} className="row-link truncate">
              {visibleText(child.displayName ?? child.name ?? child.id)}
            </Link>
          </li>
        ))}
      </ul>
      {children.next !== null && limit < MOST && (
        <Button className="mt-2" onClick={() => setLimit(MOST)}>
          Show more
        </Button>
      )}
      {children.next !== null && limit === MOST && (
        <p className="mt-2 text-muted">and more: these are the first {MOST}</p>
      )}
    </Panel>
  );
}
