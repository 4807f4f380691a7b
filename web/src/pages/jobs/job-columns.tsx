import { Link } from "@tanstack/react-router";
import {
  columnVisibilityFeature,
  createColumnHelper,
  rowSelectionFeature,
  tableFeatures,
} from "@tanstack/react-table";
import type { ReactElement } from "react";
import type { JobRow } from "../../../../src/dashboard/api/index.ts";
import { shortId } from "../../parts/short-id.ts";
import { StateMark, StateShape } from "../../parts/state-mark.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { formatDuration } from "../../time/format-duration.ts";
import { Ago, Instant, Since } from "../../time/instant.tsx";
import type { ListState } from "./job-search.ts";

export const features = tableFeatures({ rowSelectionFeature, columnVisibilityFeature });
const column = createColumnHelper<typeof features, JobRow>();

const HOLDS = {
  due: "its time has not come",
  gate: "waits for its parents",
  unknown: "waits for code",
  limit: "waits for a permit",
} as const;

/** Which columns stand beside the job in which state. The rest of the table is the same for all. */
const BESIDE: Readonly<Record<ListState, readonly string[]>> = {
  All: ["mark", "reason", "when"],
  Enqueued: ["hold", "when"],
  Processing: ["owner", "running"],
  Scheduled: ["reason", "due"],
  Awaiting: ["reason", "when"],
  Succeeded: ["duration", "latency", "when"],
  Failed: ["error", "when"],
  Deleted: ["reason", "when"],
};

export function visibleColumns(state: ListState, withArguments: boolean): Record<string, boolean> {
  const optional = [...new Set(Object.values(BESIDE).flat())];
  const shown = Object.fromEntries(optional.map((id) => [id, BESIDE[state].includes(id)]));
  return { ...shown, args: withArguments };
}

/** `hidden`: below which width a column gives way; the job's own cell then tells the most important. */
const COLUMN_CLASS: Readonly<Record<string, string>> = {
  job: "w-auto",
  queue: "hidden lg:table-cell w-32",
  attempt: "hidden lg:table-cell w-20 text-right",
  mark: "hidden sm:table-cell w-32",
  hold: "hidden sm:table-cell w-56",
  owner: "hidden sm:table-cell w-56",
  reason: "hidden sm:table-cell w-auto",
  error: "hidden sm:table-cell w-auto",
  duration: "hidden sm:table-cell w-28 text-right",
  latency: "hidden md:table-cell w-28 text-right",
  args: "hidden sm:table-cell w-1/5",
  due: "hidden sm:table-cell w-40 text-right",
  running: "hidden sm:table-cell w-28 text-right",
  when: "hidden sm:table-cell w-40 text-right",
};

/** Where a text stands beside the job, the text takes what is left, and the job has its share. */
export function columnClass(id: string, state: ListState): string {
  const withText = BESIDE[state].some((beside) => beside === "error" || beside === "reason");
  if (id === "job" && withText) return "w-auto sm:w-[32%] xl:w-[30%]";
  return COLUMN_CLASS[id] ?? "";
}

export const columns = column.columns([
  column.display({ id: "job", header: "Job", cell: ({ row }) => <JobCell job={row.original} /> }),
  column.display({
    id: "args",
    header: "Arguments",
    cell: ({ row }) => <Clipped text={row.original.args?.text ?? ""} mono />,
  }),
  column.display({ id: "queue", header: "Queue", cell: ({ row }) => <Clipped text={row.original.queue} /> }),
  column.display({
    id: "mark",
    header: "State",
    cell: ({ row }) => <StateMark state={row.original.state} />,
  }),
  column.display({ id: "hold", header: "State", cell: ({ row }) => <HoldCell job={row.original} /> }),
  column.display({
    id: "owner",
    header: "Server",
    cell: ({ row }) => <Clipped text={row.original.owner ?? ""} mono />,
  }),
  column.display({
    id: "reason",
    header: "Reason",
    cell: ({ row }) => <Clipped text={row.original.reason ?? ""} />,
  }),
  column.display({
    id: "error",
    header: "Error",
    cell: ({ row }) => <Clipped text={row.original.error ?? row.original.reason ?? ""} mono />,
  }),
  column.display({ id: "attempt", header: "Attempt", cell: ({ row }) => row.original.attempt }),
  column.display({
    id: "latency",
    header: "Waited",
    cell: ({ row }) => durationText(row.original.latencyMs),
  }),
  column.display({
    id: "duration",
    header: "Ran for",
    cell: ({ row }) => durationText(row.original.durationMs),
  }),
  column.display({
    id: "running",
    header: "Runs for",
    cell: ({ row }) => <Since at={row.original.stateAt} />,
  }),
  column.display({
    id: "due",
    header: "Due",
    cell: ({ row }) => <Instant at={row.original.dueAt ?? row.original.stateAt} />,
  }),
  column.display({ id: "when", header: "When", cell: ({ row }) => <Instant at={row.original.stateAt} /> }),
]);

function JobCell({ job }: { readonly job: JobRow }): ReactElement {
  const { id, name, displayName, error, state, hold } = job;
  return (
    <div className="min-w-0">
      <div className="flex min-w-0 items-center gap-2">
        <StateShape state={state} />
        <Link to="/jobs/$id" params={{ id }} data-job={id} className="row-link truncate font-medium">
          {visibleText(displayName ?? name)}
        </Link>
      </div>
      <JobDetails job={job} />
      {error !== null && (
        <p className="truncate pl-5.5 font-mono text-xs text-failed sm:hidden">{visibleText(error)}</p>
      )}
      {hold === "unknown" && <p className="pl-5.5 text-xs text-warning sm:hidden">{HOLDS.unknown}</p>}
    </div>
  );
}

/** What tells jobs of one name apart; on a phone, what the missing columns would say. */
function JobDetails({ job }: { readonly job: JobRow }): ReactElement {
  const { id, name, displayName, tags, queue, priority, state } = job;
  return (
    <div className="flex min-w-0 gap-2 overflow-hidden pl-5.5 text-xs text-muted">
      <span className="shrink-0 font-mono">{shortId(id)}</span>
      {displayName !== null && (
        <span className="min-w-0 truncate font-mono sm:max-w-[60%] sm:shrink-0">{visibleText(name)}</span>
      )}
      {priority !== 0 && <span className="hidden shrink-0 sm:inline">priority {priority}</span>}
      {tags.slice(0, 3).map((tag) => (
        <span key={tag} className="hidden max-w-28 shrink-0 truncate rounded bg-sunken px-1.5 md:inline">
          {visibleText(tag)}
        </span>
      ))}
      <span className="truncate lg:hidden">{visibleText(queue)}</span>
      <span className="ml-auto shrink-0 sm:hidden">
        <Ago at={state === "Scheduled" ? (job.dueAt ?? job.stateAt) : job.stateAt} />
      </span>
    </div>
  );
}

function HoldCell({ job: { hold } }: { readonly job: JobRow }): ReactElement {
  if (hold === null) return <span className="text-muted">ready</span>;
  return <span className={hold === "unknown" ? "text-warning" : "text-muted"}>{HOLDS[hold]}</span>;
}

function Clipped({ text, mono = false }: { readonly text: string; readonly mono?: boolean }): ReactElement {
  const shown = visibleText(text);
  return (
    <span title={shown} className={`block truncate ${mono ? "font-mono text-xs" : ""}`}>
      {shown}
    </span>
  );
}

function durationText(ms: number | null): string {
  return ms === null ? "–" : formatDuration(ms);
}
