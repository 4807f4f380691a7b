import { Link } from "@tanstack/react-router";
import { lazy, type ReactElement, type RefObject, Suspense, useEffect, useRef, useState } from "react";
import type { ErrorGroup } from "../../../../src/dashboard/api/index.ts";
import { Button, buttonClass } from "../../parts/button.tsx";
import { formatCount } from "../../parts/count.ts";
import { ErrorView } from "../../parts/error-view.tsx";
import { Icon } from "../../parts/icon.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { Ago, Instant } from "../../time/instant.tsx";
import { useKinds } from "../operations/use-kinds.ts";

const OperationDialog = lazy(() => import("../operations/operation-dialog.tsx"));

interface ErrorGroupRowProps {
  readonly group: ErrorGroup;
  /** The size of the largest group. */
  readonly most: number;
  /** It was not there when the page was opened. */
  readonly isNew: boolean;
  readonly open: boolean;
  readonly onToggle: (open: boolean) => void;
}

/** One cause: what, how often, since when; opened: the whole error and what can be done with all its jobs. */
export function ErrorGroupRow({ group, most, isNew, open, onToggle }: ErrorGroupRowProps): ReactElement {
  const { error, last, count, firstAt, lastAt } = group;
  const shownFirst = useShownFirst(open);
  const [type, ...rest] = (last?.error ?? "Failed without an error").split(": ");
  const title = error?.type ?? type;
  return (
    <li ref={shownFirst}>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => onToggle(!open)}
        className="grid w-full grid-cols-[auto_minmax(0,1fr)_auto] items-start gap-x-3 px-4 py-2.5 text-left hover:bg-hover"
      >
        <Icon
          name="chevron"
          size={14}
          className={`mt-1 text-muted transition-transform ${open ? "rotate-90" : ""}`}
        />
        <span className="min-w-0">
          <span className="flex flex-wrap items-baseline gap-x-3">
            <span className="font-semibold text-failed">{visibleText(title ?? "")}</span>
            {last && <code className="font-mono text-xs text-muted">{visibleText(last.name)}</code>}
            {isNew && (
              <span className="rounded bg-failed px-1.5 text-2xs font-semibold text-background">new</span>
            )}
          </span>
          <span className="job-text line-clamp-2">{visibleText(error?.message ?? rest.join(": "))}</span>
        </span>
        <span className="text-right">
          <span className="block text-base font-semibold">{formatCount(count)}</span>
          <span className="my-1 block h-1 w-24 rounded-full bg-sunken" aria-hidden="true">
            <span
              className="block h-full min-w-1 rounded-full bg-failed"
              style={{ width: `${(100 * count) / most}%` }}
            />
          </span>
          <span className="text-xs text-muted">
            <Ago at={lastAt} />
          </span>
        </span>
      </button>
      {open && (
        <div className="border-t border-line bg-background px-4 py-3 md:pl-11">
          <p className="mb-3 flex flex-wrap gap-x-6 text-muted">
            <span>
              First <Instant at={firstAt} />
            </span>
            <span>
              Last <Instant at={lastAt} />
            </span>
          </p>
          <GroupActions group={group} />
          {error !== null && <ErrorView error={error} />}
        </div>
      )}
    </li>
  );
}

/** What is open when the page comes is what people came for. */
function useShownFirst(open: boolean): RefObject<HTMLLIElement | null> {
  const row = useRef<HTMLLIElement>(null);
  // What is opened later is in sight.
  const [wasFirst] = useState(open);
  useEffect(() => {
    if (wasFirst) row.current?.scrollIntoView({ block: "nearest" });
  }, [wasFirst]);
  return row;
}

function GroupActions({ group: { filter, last } }: { readonly group: ErrorGroup }): ReactElement {
  const [operating, setOperating] = useState(false);
  const operates = useKinds("Failed").length > 0;
  return (
    <div className="mb-3 flex flex-wrap gap-2">
      {filter !== null && operates && (
        <Button look="strong" icon="operations" onClick={() => setOperating(true)}>
          Act on all
        </Button>
      )}
      {filter !== null && (
        <Link to="/jobs" search={{ ...filter }} className={buttonClass()}>
          <Icon name="jobs" size={14} /> See the jobs
        </Link>
      )}
      {last !== null && (
        <Link to="/jobs/$id" params={{ id: last.id }} className={buttonClass()}>
          The last one
        </Link>
      )}
      {operating && filter !== null && (
        <Suspense>
          <OperationDialog filter={filter} onClose={() => setOperating(false)} />
        </Suspense>
      )}
    </div>
  );
}
