import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { RecurringQuery, RecurringRow } from "../../../../src/dashboard/api/index.ts";
import { useLiveQuery } from "../../api/use-live-query.ts";
import { Button } from "../../parts/button.tsx";
import { CronWords } from "../../parts/cron-words.tsx";
import { Empty } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Answered } from "../../parts/pending.tsx";
import { RecurringMark } from "../../parts/recurring-mark.tsx";
import { SearchField } from "../../parts/search-field.tsx";
import { Segmented } from "../../parts/segmented.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { Instant } from "../../time/instant.tsx";
import { RecurringActions } from "./recurring-actions.tsx";

const route = getRouteApi("/recurring");
const STATES = [
  { value: "", label: "All" },
  { value: "active", label: "Active" },
  { value: "paused", label: "Paused" },
  { value: "disabled", label: "Disabled" },
] as const;

/** What runs by the clock. */
export function RecurringPage(): ReactElement {
  const { search, state, after } = route.useSearch();
  const navigate = route.useNavigate();
  const picked = STATES.find(({ value }) => value === state)?.value ?? "";
  const query: RecurringQuery = {
    ...(search === undefined ? {} : { search }),
    ...(picked === "" ? {} : { state: picked }),
    ...(after === undefined ? {} : { after }),
  };
  const answer = useLiveQuery("GET recurring", { query }, { everyMs: 5_000 });
  const change = (next: { search?: string; state?: string }) => {
    void navigate({ search: ({ after: _, ...before }) => ({ ...before, ...next }), replace: true });
  };
  return (
    <>
      <PageHead title="Recurring">
        <Segmented
          label="State"
          options={STATES}
          value={picked}
          onPick={(value) => change({ state: value })}
        />
        <SearchField
          label="Search recurring jobs"
          value={search ?? ""}
          onSearch={(text) => change({ search: text })}
        />
      </PageHead>
      <Answered query={answer}>
        {({ rows, next }) => (
          <>
            {rows.length === 0 ? (
              <Nothing filtered={search !== undefined || picked !== "" || after !== undefined} />
            ) : (
              <RecurringTable rows={rows} />
            )}
            <div className="flex justify-center gap-2 py-4">
              {after !== undefined && <Button onClick={() => change({})}>From the first on</Button>}
              {next !== null && (
                <Button
                  icon="down"
                  onClick={() => void navigate({ search: (before) => ({ ...before, after: next }) })}
                >
                  Next
                </Button>
              )}
            </div>
          </>
        )}
      </Answered>
    </>
  );
}

function Nothing({ filtered }: { readonly filtered: boolean }): ReactElement {
  if (filtered)
    return (
      <Empty icon="search" title="No recurring job is like that">
        Search for a part of its id or of the name of its job.
      </Empty>
    );
  return (
    <Empty icon="recurring" title="Nothing runs by the clock yet">
      <code className="job-text block rounded-md bg-sunken p-3 text-left">
        await recurring.addOrUpdate("digest", (j) =&gt; j.mail.digest(), "0 9 * * MON-FRI");
      </code>
    </Empty>
  );
}

function RecurringTable({ rows }: { readonly rows: readonly RecurringRow[] }): ReactElement {
  return (
    <div className="card overflow-clip">
      <table className="w-full table-fixed">
        <thead>
          <tr className="label-small text-left">
            <th scope="col" className="px-4 py-2">
              Recurring job
            </th>
            <th scope="col" className="hidden w-64 px-3 py-2 md:table-cell">
              When
            </th>
            <th scope="col" className="hidden w-40 px-3 py-2 sm:table-cell">
              Next run
            </th>
            <th scope="col" className="hidden w-52 px-3 py-2 lg:table-cell">
              Last run
            </th>
            <th scope="col" className="w-14 px-3 py-2">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line border-t border-line">
          {rows.map((row) => (
            <Row key={row.id} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row }: { readonly row: RecurringRow }): ReactElement {
  const { id, name, displayName, cron, timeZone, state, nextAt, lastAt, lastJobId, lastJobState, error } =
    row;
  return (
    <tr className="hover:bg-hover">
      <td className="px-4 py-2 align-top">
        <Link to="/recurring/$id" params={{ id }} className="row-link font-medium">
          {visibleText(id)}
        </Link>
        <div className="flex min-w-0 flex-wrap gap-x-3 text-xs">
          {state !== "active" && <RecurringMark state={state} />}
          <code className="truncate font-mono text-muted">{visibleText(displayName ?? name)}</code>
          <code className="font-mono text-muted md:hidden">{cron}</code>
          {nextAt !== null && (
            <span className="sm:hidden">
              <Instant at={nextAt} />
            </span>
          )}
        </div>
        {error !== null && (
          <p className="mt-0.5 truncate text-xs text-failed" title={visibleText(error.message)}>
            {visibleText(error.message)} {error.failures > 1 && `(${error.failures} times)`}
          </p>
        )}
      </td>
      <td className="hidden px-3 py-2 align-top md:table-cell">
        <code className="font-mono text-xs">{cron}</code>
        <div className="flex flex-wrap gap-x-2">
          <CronWords cron={cron} />
          {timeZone !== "UTC" && <span className="text-xs text-muted">{timeZone}</span>}
        </div>
      </td>
      <td className="hidden px-3 py-2 align-top sm:table-cell">
        {nextAt === null ? <span className="text-muted">–</span> : <Instant at={nextAt} stacked />}
      </td>
      <td className="hidden px-3 py-2 align-top lg:table-cell">
        {lastAt === null ? (
          <span className="text-muted">never</span>
        ) : (
          <>
            {lastJobState !== null && lastJobId !== null ? (
              <Link to="/jobs/$id" params={{ id: lastJobId }} className="row-link">
                <StateMark state={lastJobState} />
              </Link>
            ) : (
              <span className="text-muted">expired</span>
            )}
            <div>
              <Instant at={lastAt} />
            </div>
          </>
        )}
      </td>
      <td className="px-2 py-1.5 text-right align-top">
        <RecurringActions row={row} />
      </td>
    </tr>
  );
}
