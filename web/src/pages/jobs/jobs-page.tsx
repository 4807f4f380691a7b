import { getRouteApi } from "@tanstack/react-router";
import { lazy, type ReactElement, type ReactNode, Suspense, useEffect, useState } from "react";
import type { JobFilter } from "../../../../src/dashboard/api/index.ts";
import { useMaySeeData } from "../../api/use-meta.ts";
import { Button } from "../../parts/button.tsx";
import { formatCount, plural } from "../../parts/count.ts";
import { Empty, Failure } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Skeleton } from "../../parts/pending.tsx";
import { saveFile } from "../../parts/save-file.ts";
import { storageNow } from "../../time/clock.ts";
import { useKinds } from "../operations/use-kinds.ts";
import { BulkBar } from "./bulk-bar.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { jobLines } from "./job-lines.ts";
import { filterOf, hasFilter, type JobSearch, type ListFilter, stateOf } from "./job-search.ts";
import { leaveTrail } from "./job-trail.ts";
import { JobsTable, type Selection } from "./jobs-table.tsx";
import { ListFoot } from "./list-foot.tsx";
import { NewRows } from "./new-rows.tsx";
import { SavedViews } from "./saved-views.tsx";
import { StateTabs } from "./state-tabs.tsx";
import { useBulk } from "./use-bulk.ts";
import { type JobList, useJobList } from "./use-job-list.ts";
import { useListKeys } from "./use-list-keys.ts";

const JobDrawer = lazy(() => import("./job-drawer.tsx"));
const OperationDialog = lazy(() => import("../operations/operation-dialog.tsx"));
const NO_ROOM = "(max-width: 47.99rem)";
const route = getRouteApi("/jobs");

/** Jobs of one state, as far as a filter matches. */
export function JobsPage(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const state = stateOf(search);
  // Another list begins at its top; the same one with another column, or with a job beside it, stays where it is.
  const change = (next: JobSearch) => void navigate({ search: next, resetScroll: false });
  // A list of another state or filter has another selection and another cursor.
  const name = JSON.stringify({ ...search, columns: undefined, open: undefined });
  return (
    <>
      <PageHead title={state === "All" ? "All jobs" : `${state} jobs`}>
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
  const [operating, setOperating] = useState<JobFilter>();
  const seesData = useMaySeeData();
  // Spans such as the last hour begin when the list was opened: else it would be another list each minute.
  const [openedAt] = useState(storageNow);
  const state = stateOf(search);
  const withArguments = search.columns === "args" && seesData;
  const filter = filterOf(search, openedAt);
  const list = useJobList(filter, withArguments);
  const bulk = useBulk((left) => setSelection(Object.fromEntries(left.map((id) => [id, true]))));
  const drawer = useDrawer(search);
  // What has moved on is in another state by now than when it was selected.
  const picked = list.rows.filter(({ id }) => selection[id] === true && !list.gone.has(id));
  const selected = picked.map(({ id }) => id);
  const { cursor } = useListKeys({
    ...{ rows: list.rows, selection, selected, opened: search.open },
    ...{ onSelect: setSelection, onAct: bulk.ask, onOpen: drawer.open, onRenew: list.renew },
  });
  useEffect(
    () =>
      leaveTrail(
        list.rows.map(({ id }) => id),
        search,
      ),
    [list.rows, search],
  );
  const operable = useOperable(search, filter, selected.length > 0);
  const operate = operable && (() => setOperating(operable));
  return (
    <>
      <ListBody list={list} search={search} onOperate={operate} onClear={() => onChange({ state })}>
        <JobsTable
          {...{ rows: list.rows, gone: list.gone, state, withArguments, cursor, selection }}
          onSelect={setSelection}
          onOpen={drawer.open}
        />
      </ListBody>
      {selected.length > 0 && (
        <BulkBar
          {...{ state, ids: selected, all: operable && nameOfAll(search, list), onAct: bulk.ask }}
          onAll={() => operate?.()}
          onExport={() => saveFile("jobs.jsonl", "application/x-ndjson", jobLines(picked))}
          onClear={() => setSelection({})}
        />
      )}
      {bulk.dialog}
      <Suspense>
        {operating !== undefined && (
          <OperationDialog filter={operating} onClose={() => setOperating(undefined)} />
        )}
      </Suspense>
      <Suspense>
        {search.open !== undefined && (
          <JobDrawer
            {...{ id: search.open, rows: list.rows, hasMore: list.hasMore, onMore: list.more }}
            {...{ onStep: drawer.step, onWhole: drawer.whole, onClose: drawer.close }}
          />
        )}
      </Suspense>
    </>
  );
}

function nameOfAll(search: JobSearch, { total }: JobList): string {
  return hasFilter(search) ? "All that match…" : `All ${formatCount(total ?? 0)}…`;
}

interface ListBodyProps {
  readonly list: JobList;
  readonly search: JobSearch;
  /** Begins an operation over the whole list; undefined where there is none to begin. */
  readonly onOperate: (() => void) | undefined;
  readonly onClear: () => void;
  readonly children: ReactNode;
}

/** The rows when they are there; else that they are on their way, why they did not come, or that there are none. */
function ListBody({ list, search, onOperate, onClear, children }: ListBodyProps): ReactElement {
  if (list.isLoading) return <Skeleton rows={10} />;
  if (list.error && list.rows.length === 0) return <Failure error={list.error} retry={list.retry} />;
  const filtered = hasFilter(search);
  return (
    <>
      {list.error && <Failure error={list.error} retry={list.retry} />}
      <div className="mb-2 flex min-h-8 flex-wrap items-center gap-3 text-muted">
        <span>
          {filtered
            ? `${plural(list.rows.length, "match", "matches")} loaded`
            : list.total !== null && plural(list.total, "job")}
        </span>
        <NewRows arrived={list.arrived} gone={list.gone.size} onShow={list.renew} />
        {onOperate !== undefined && list.rows.length > 0 && (
          <Button small icon="operations" className="ml-auto" onClick={onOperate}>
            Act on all {filtered ? "that match" : formatCount(list.total ?? 0)}
          </Button>
        )}
      </div>
      {list.rows.length === 0 ? (
        <Nothing search={search} incomplete={list.hasMore} onClear={onClear} />
      ) : (
        // Nothing that overflows is cut off: the head of the table sticks to the window.
        <div className="card">{children}</div>
      )}
      <ListFoot list={list} />
    </>
  );
}

/** What an operation over this list would take; undefined where the viewer may begin none, or would hardly mean to. */
function useOperable(search: JobSearch, filter: ListFilter, hasSelection: boolean): JobFilter | undefined {
  const state = stateOf(search);
  const kinds = useKinds(state === "All" ? undefined : state);
  if (state === "All" || kinds.length === 0) return undefined;
  const meant = state === "Failed" || hasFilter(search) || hasSelection;
  return meant ? { ...filter, state } : undefined;
}

interface Drawer {
  readonly open: (id: string) => void;
  readonly step: (id: string) => void;
  readonly whole: () => void;
  readonly close: () => void;
}

/** The job beside the list, as it stands in the URL. Where there is no room beside it, it has its page at once. */
function useDrawer(search: JobSearch): Drawer {
  const navigate = route.useNavigate();
  const { open: opened, ...list } = search;
  const show = (id: string, replace: boolean) =>
    void navigate({ search: { ...list, open: id }, replace, resetScroll: false });
  const page = (id: string) => void navigate({ to: "/jobs/$id", params: { id } });
  return {
    open: (id) => (id === opened || matchMedia(NO_ROOM).matches ? page(id) : show(id, opened !== undefined)),
    // One step back leads out of the drawer, however many jobs were looked at in it.
    step: (id) => show(id, true),
    whole: () => opened !== undefined && page(opened),
    close: () => void navigate({ search: list, replace: true, resetScroll: false }),
  };
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
            : state === "All"
              ? "No job in any state is like that."
              : `No ${state} job is like that. It may be in another state: the filter is kept when you change the tab.`}
        </p>
        <Button onClick={onClear}>Clear the filter</Button>
      </Empty>
    );
  }
  return (
    <Empty icon="jobs" title={state === "All" ? "There are no jobs" : `No job is ${state}`}>
      {state === "Failed" ? "That is how it should be." : "When one is, it shows here by itself."}
    </Empty>
  );
}
