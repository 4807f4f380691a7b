import type { ReactElement, ReactNode } from "react";
import type { OperationRow } from "../../../../src/dashboard/api/index.ts";
import { useAction } from "../../api/use-action.ts";
import { useCan } from "../../api/use-meta.ts";
import { Button } from "../../parts/button.tsx";
import { formatCount, formatRate } from "../../parts/count.ts";
import { OperationMark } from "../../parts/operation-mark.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { useNow } from "../../time/clock.ts";
import { formatDuration } from "../../time/format-duration.ts";
import { Instant } from "../../time/instant.tsx";
import { FilterText } from "./filter-text.tsx";

/** One operation: what it does to which jobs, how far it is, and how fast it goes. */
export function OperationCard({ operation }: { readonly operation: OperationRow }): ReactElement {
  const {
    id,
    kind,
    state,
    filter,
    by,
    createdAt,
    endedAt,
    applied,
    skipped,
    scanned,
    matches,
    pace,
    worker,
    error,
  } = operation;
  const now = useNow();
  const mayOperate = useCan("operate");
  const abort = useAction("POST operations/:id/abort", { done: "It ends with the jobs under way." });
  const going = state === "running" || state === "aborting";
  const seconds = Math.max(1, ((endedAt ?? now) - createdAt) / 1_000);
  return (
    <li className="card px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <OperationMark state={state} />
        <h2 className="text-base font-semibold">
          {kind.charAt(0).toUpperCase() + kind.slice(1)} <Aim operation={operation} />
        </h2>
        <FilterText filter={filter} />
        <span className="ml-auto flex items-center gap-3">
          <span className="text-muted">by {visibleText(by ?? "somebody")}</span>
          <Instant at={createdAt} />
          {state === "running" && mayOperate && (
            <Button small icon="stop" disabled={abort.busy} onClick={() => abort.run({ params: { id } })}>
              Abort
            </Button>
          )}
        </span>
      </div>
      <Bar operation={operation} />
      <dl className="mt-2 flex flex-wrap gap-x-6 gap-y-1">
        <Figure name="changed">{formatCount(applied)}</Figure>
        {skipped > 0 && <Figure name="left as they were">{formatCount(skipped)}</Figure>}
        {scanned > applied + skipped && <Figure name="looked at">{formatCount(scanned)}</Figure>}
        <Figure name="a second">{formatRate(applied / seconds)}</Figure>
        {pace !== null && <Figure name="a second at most">{formatCount(pace)}</Figure>}
        <Figure name={going ? "so far" : "in all"}>{formatDuration(seconds * 1_000)}</Figure>
        {going && matches !== null && applied > 0 && applied < matches && (
          <Figure name="to go">
            {formatDuration((1_000 * seconds * (matches - applied - skipped)) / applied)}
          </Figure>
        )}
      </dl>
      {error !== null && <p className="job-text mt-2 text-failed">{visibleText(error)}</p>}
      {state === "running" && worker === null && (
        <p className="mt-2 text-warning">No server works on it: it waits until one is live.</p>
      )}
    </li>
  );
}

/** Where the jobs go, and for when. */
function Aim({ operation: { queue, due } }: { readonly operation: OperationRow }): ReactElement {
  return (
    <>
      {queue && `to ${visibleText(queue)}`}
      {due && "in" in due && `to run in ${formatDuration(due.in)}`}
      {due && "at" in due && (
        <>
          to <Instant at={due.at} />
        </>
      )}
    </>
  );
}

function Bar({
  operation: { state, matches, matchesIsBound, applied, skipped },
}: {
  readonly operation: OperationRow;
}): ReactElement | null {
  if (matches === null || matches === 0) return null;
  const done = Math.min(matches, applied + skipped);
  const percent = state === "done" ? 100 : (100 * done) / matches;
  const colour =
    state === "failed"
      ? "bg-failed"
      : state === "done"
        ? "bg-succeeded"
        : state === "aborted"
          ? "bg-deleted"
          : "bg-processing";
  const told = `${formatCount(done)} of ${formatCount(matches)}${matchesIsBound ? " or more" : ""}`;
  return (
    <div className="mt-2">
      <div
        role="progressbar"
        aria-label={told}
        aria-valuenow={Math.round(percent)}
        aria-valuemin={0}
        aria-valuemax={100}
        className="h-2 overflow-hidden rounded-full bg-sunken ring-1 ring-line"
      >
        <div
          className={`h-full transition-[width] duration-700 ${colour}`}
          style={{ width: `${percent}%` }}
        />
      </div>
      <p className="mt-1 text-xs text-muted">{told}</p>
    </div>
  );
}

function Figure({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div className="flex items-baseline gap-1.5">
      <dd className="order-1 font-semibold">{children}</dd>
      <dt className="order-2 text-muted">{name}</dt>
    </div>
  );
}
