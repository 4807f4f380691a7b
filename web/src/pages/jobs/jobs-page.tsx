import { getRouteApi } from "@tanstack/react-router";
import { lazy, type ReactElement, Suspense, useEffect, useState } from "react";
import { useCan, useMaySeeData } from "../../api/use-meta.ts";
import { Button } from "../../parts/button.tsx";
import { formatCount, plural } from "../../parts/count.ts";
import { Empty, Failure } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Skeleton } from "../../parts/pending.tsx";
import { storageNow } from "../../time/clock.ts";
import { BulkBar } from "./bulk-bar.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { filterOf, hasFilter, type JobSearch, stateOf } from "./job-search.ts";
import { leaveTrail } from "./job-trail.ts";
import { JobsTable, type Selection } from "./jobs-table.tsx";
import { ListFoot } from "./list-foot.tsx";
import { NewRows } from "./new-rows.tsx";
import { SavedViews } from "./saved-views.tsx";
import { StateTabs } from "./state-tabs.tsx";
import { useBulk } from "./use-bulk.ts";
import { useJobList } from "./use-job-list.ts";
import { useListKeys } from "./use-list-keys.ts";

const OperationDialog = lazy(() => import("../operations/operation-dialog.tsx"));
const route = getRouteApi("/jobs");

/** Jobs of one state, as far as a filter matches. */
export function JobsPage(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const state = stateOf(search);
  const change = (next: JobSearch) => void navigate({ search: next });
  // A list of another state or filter has another selection and another cursor.
  const name = JSON.stringify({ ...search, columns: undefined });
  return (
    <>
      <PageHead title={`${state} jobs`}>
        <ArgumentsToggle search={search} onChange={change} />
        <SavedViews search={search} />
      </PageHead>
      <StateTabs state={state} search={search} />
      <FilterBar search={search} onChange={change} />
      <FilteredJobs key={name} search={search} onChange={change} />
    </>
  );
}

interface FilteredJobsProps {
  readonly search: JobSearch;
  readonly onChange: (search: JobSearch) => void;
}

function FilteredJobs({ search, onChange }: FilteredJobsProps): ReactElement {
  const [selection, setSelection] = useState<Selection>({});
  const [operating, setOperating] = useState(false);
  const mayOperate = useCan("operate");
  const seesData = useMaySeeData();
  // Spans such as the last hour begin when the list was opened: else it would be another list each minute.
  const [openedAt] = useState(storageNow);
  const state = stateOf(search);
  const withArguments = search.columns === "args" && seesData;
  const filter = filterOf(search, openedAt);
  const list = useJobList(filter, withArguments);
  const bulk = useBulk(() => setSelection({}));
  const { cursor } = useListKeys({
    rows: list.rows,
    ...{ selection, onSelect: setSelection, onAct: bulk.ask, onRenew: list.renew },
  });
  useEffect(() => leaveTrail(list.rows.map(({ id }) => id)), [list.rows]);
  if (list.isLoading) return <Skeleton rows={10} />;
  if (list.error && list.rows.length === 0) return <Failure error={list.error} retry={list.retry} />;
  const selected = Object.keys(selection).filter((id) => selection[id] === true);
  const operate = mayOperate && (state === "Failed" || hasFilter(search) || selected.length > 0);
  return (
    <>
      {list.error && <Failure error={list.error} retry={list.retry} />}
      <div className="mb-2 flex min-h-8 flex-wrap items-center gap-3 text-muted">
        <span>
          {hasFilter(search)
            ? `${plural(list.rows.length, "match", "matches")} loaded`
            : list.total !== null && plural(list.total, "job")}
        </span>
        <NewRows arrived={list.arrived} gone={list.gone.size} onShow={list.renew} />
        {operate && list.rows.length > 0 && (
          <Button small icon="operations" className="ml-auto" onClick={() => setOperating(true)}>
            Act on all {hasFilter(search) ? "that match" : formatCount(list.total ?? 0)}
          </Button>
        )}
      </div>
      {list.rows.length === 0 ? (
        <Nothing search={search} incomplete={list.hasMore} onClear={() => onChange({ state })} />
      ) : (
        <div className="card overflow-clip">
          <JobsTable
            rows={list.rows}
            gone={list.gone}
            onSelect={setSelection}
            {...{ state, withArguments, cursor, selection }}
          />
        </div>
      )}
      <ListFoot list={list} />
      {selected.length > 0 && (
        <BulkBar state={state} ids={selected} onAct={bulk.ask} onClear={() => setSelection({})} />
      )}
      {bulk.dialog}
      {operating && (
        <Suspense>
          <OperationDialog filter={filter} onClose={() => setOperating(false)} />
        </Suspense>
      )}
    </>
  );
}

function ArgumentsToggle({ search, onChange }: FilteredJobsProps): ReactElement | null {
  if (!useMaySeeData()) return null;
  const shown = search.columns === "args";
  const { columns: _, ...rest } = search;
  return (
    <Button
      aria-pressed={shown}
      icon={shown ? "check" : "eye"}
      onClick={() => onChange(shown ? rest : { ...rest, columns: "args" })}
    >
      Arguments
    </Button>
  );
}

function Nothing({
  search,
  incomplete,
  onClear,
}: {
  readonly search: JobSearch;
  readonly incomplete: boolean;
  readonly onClear: () => void;
}): ReactElement {
  const state = stateOf(search);
  if (hasFilter(search)) {
    return (
      <Empty icon="search" title={incomplete ? "No match so far" : "No job matches"}>
        <p className="mb-3">
          {incomplete
            ? "The search looked at as many jobs as one request may. Search on below, or narrow the filter by name or queue, which is quicker."
            : `No ${state} job is like that. It may be in another state: the filter is kept when you change the tab.`}
        </p>
        <Button onClick={onClear}>Clear the filter</Button>
      </Empty>
    );
  }
  return (
    <Empty icon="jobs" title={`No job is ${state}`}>
      {state === "Failed" ? "That is how it should be." : "When one is, it shows here by itself."}
    </Empty>
  );
}
