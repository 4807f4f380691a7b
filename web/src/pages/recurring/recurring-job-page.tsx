import { getRouteApi, Link } from "@tanstack/react-router";
import { Fragment, lazy, type ReactElement, type ReactNode, Suspense } from "react";
import type { JobRow, RecurringDetails } from "../../../../src/dashboard/api/index.ts";
import { useLiveQuery } from "../../api/use-live-query.ts";
import { useCan } from "../../api/use-meta.ts";
import { AuditList } from "../../parts/audit-list.tsx";
import { Button } from "../../parts/button.tsx";
import { CronWords } from "../../parts/cron-words.tsx";
import { Icon } from "../../parts/icon.tsx";
import { JsonTree } from "../../parts/json-tree.tsx";
import { Banner } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Answered } from "../../parts/pending.tsx";
import { RecurringMark } from "../../parts/recurring-mark.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { formatDuration } from "../../time/format-duration.ts";
import { Instant } from "../../time/instant.tsx";
import { NextRuns } from "./next-runs.tsx";
import { RecurringActions } from "./recurring-actions.tsx";
import { RunStrip } from "./run-strip.tsx";

const EditDialog = lazy(() => import("./edit-dialog.tsx"));
const route = getRouteApi("/recurring/$id");

/** One recurring job: when it runs next, and what became of its runs. */
export function RecurringJobPage(): ReactElement {
  const { id } = route.useParams();
  const { edit } = route.useSearch();
  const navigate = route.useNavigate();
  const mayEdit = useCan("edit-recurring");
  const query = useLiveQuery("GET recurring/:id", { params: { id } }, { everyMs: 5_000, keepsOld: false });
  return (
    <Answered query={query}>
      {(details) => (
        <Fragment key={details.id}>
          <nav aria-label="Way back" className="mb-1 flex items-center gap-1 text-xs text-muted">
            <Link to="/recurring" className="row-link">
              Recurring
            </Link>
            <Icon name="chevron" size={12} />
          </nav>
          <PageHead title={visibleText(details.id)} hint={<RecurringMark state={details.state} />}>
            {mayEdit && details.state !== "unreadable" && (
              <Button
                icon="edit"
                onClick={() => void navigate({ search: { edit: "1" }, resetScroll: false })}
              >
                Edit…
              </Button>
            )}
            <RecurringActions row={details} />
          </PageHead>
          <Banners details={details} />
          <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_24rem]">
            <div className="flex min-w-0 flex-col gap-4">
              <Definition details={details} />
              <LastRuns rows={details.lastRuns} />
            </div>
            <div className="flex min-w-0 flex-col gap-4">
              <Panel title="Next ten runs">
                <NextRuns runs={details.nextRuns} timeZone={details.timeZone} />
              </Panel>
              {details.audit.length > 0 && (
                <Panel title="What people did">
                  <AuditList entries={details.audit} withSubject={false} />
                </Panel>
              )}
            </div>
          </div>
          {edit !== undefined && mayEdit && (
            <Suspense>
              <EditDialog
                details={details}
                onClose={() => void navigate({ search: {}, resetScroll: false })}
              />
            </Suspense>
          )}
        </Fragment>
      )}
    </Answered>
  );
}

function Banners({ details: { error, set, state } }: { readonly details: RecurringDetails }): ReactElement {
  return (
    <div className="mb-4 flex flex-col gap-2 empty:hidden">
      {error !== null && (
        <Banner tone={state === "disabled" ? "bad" : "warning"}>
          <span className="job-text">{visibleText(error.message)}</span>{" "}
          {state === "disabled"
            ? "It failed five times in a row and is off. Mend the cause, then resume it."
            : "It is tried again at its next time."}
        </Banner>
      )}
      {set !== null && (
        <Banner>
          It is kept by the code that syncs the set “{set}”: what is edited here is undone by the next sync.
        </Banner>
      )}
    </div>
  );
}

function Definition({ details }: { readonly details: RecurringDetails }): ReactElement {
  const { cron, timeZone, name, displayName, queue, priority, misfire, tags } = details;
  return (
    <Panel title="Definition">
      <dl className="grid grid-cols-[7rem_minmax(0,1fr)] gap-x-3 gap-y-1.5">
        <Fact name="When">
          <code className="mr-3 font-mono">{cron}</code>
          <CronWords cron={cron} />
        </Fact>
        <Fact name="Zone">{timeZone}</Fact>
        <Fact name="Job">
          {visibleText(displayName ?? "")} <code className="font-mono text-xs">{visibleText(name)}</code>
        </Fact>
        <Fact name="Queue">
          {queue}
          {priority !== 0 && <span className="text-muted">, priority {priority}</span>}
        </Fact>
        <Fact name="Missed runs">{MISFIRES[misfire]}</Fact>
        {tags.length > 0 && <Fact name="Tags">{visibleText(tags.join(", "))}</Fact>}
        {details.arguments !== null && (
          <Fact name="Arguments">
            <JsonTree value={details.arguments.value} />
          </Fact>
        )}
      </dl>
    </Panel>
  );
}

const MISFIRES = {
  relaxed: "one run for all that were missed",
  strict: "a run for each that was missed",
  ignorable: "are left out",
} as const;

function LastRuns({ rows }: { readonly rows: readonly JobRow[] }): ReactElement {
  return (
    <Panel title="Last runs">
      {rows.length === 0 && (
        <p className="text-muted">
          None of its jobs is among the newest of this name: it has not run, or they have expired.
        </p>
      )}
      {rows.length > 0 && <RunStrip rows={rows} />}
      <ul className="mt-2 divide-y divide-line">
        {rows.map(({ id, state, durationMs, stateAt, error }) => (
          <li key={id} className="flex flex-wrap items-baseline gap-x-4 py-1.5">
            <Link to="/jobs/$id" params={{ id }} className="row-link">
              <StateMark state={state} />
            </Link>
            <span className="text-muted">{durationMs !== null && formatDuration(durationMs)}</span>
            {error !== null && (
              <code className="min-w-0 flex-1 truncate font-mono text-xs text-failed">
                {visibleText(error)}
              </code>
            )}
            <span className="ml-auto">
              <Instant at={stateAt} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Panel({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactElement {
  return (
    <section className="card min-w-0 px-4 py-3">
      <h2 className="mb-2 font-semibold">{title}</h2>
      {children}
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}
