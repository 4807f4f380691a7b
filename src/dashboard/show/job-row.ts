import type { JobRecord, RowCut } from "../../storage/index.ts";
import type { JobRow } from "../api/jobs.ts";
import { currentEntry, numberIn, textIn } from "./entry.ts";
import type { Redactor } from "./redactor.ts";
import { errorLine, showError } from "./shown-error.ts";
import { StoredValues } from "./stored-values.ts";

/** Characters of arguments in a row. */
const ROW_ARGUMENTS = 500;

/** How rows are made for one viewer. */
export interface RowMaker {
  readonly redactor: Redactor;
  /** The viewer may see what jobs work with. */
  readonly withData: boolean;
}

/** `cut`: what of its texts the job has, when not all. */
export function toRow(job: JobRecord, { redactor, withData }: RowMaker, cut?: RowCut): JobRow {
  const entry = currentEntry(job, cut);
  const error = job.state === "Failed" && withData ? errorLine(showError(entry.error, null, redactor)) : null;
  return {
    id: job.id,
    name: job.name,
    displayName: withData ? redactor.textOrNull(job.displayName, "displayName") : null,
    queue: job.queue,
    priority: 0 - job.rank,
    state: job.state,
    stateAt: job.stateAt,
    hold: job.hold,
    createdAt: job.createdAt,
    dueAt: job.dueAt,
    attempt: attemptOf(job),
    crashes: job.crashes,
    tags: withData ? job.tags.map((tag) => redactor.text(tag, "tag")) : [],
    owner: job.owner,
    reason: withData ? redactor.textOrNull(textIn(entry, "reason"), "reason") : null,
    error,
    durationMs: numberIn(entry, "duration"),
    latencyMs: numberIn(entry, "latency"),
  };
}

export function withArguments(row: JobRow, job: JobRecord, redactor: Redactor, given?: RowCut): JobRow {
  if (given !== undefined && job.args.length >= given.args)
    return { ...row, args: beginningOf(job.args, redactor) };
  const { value, text, cut } = new StoredValues(redactor).arguments(job.args, ROW_ARGUMENTS);
  return { ...row, args: { value, text, cut } };
}

/** What is hidden is only known of values, and a part of a text has none. */
function beginningOf(args: string, redactor: Redactor): NonNullable<JobRow["args"]> {
  const text = redactor.isOn ? "" : args.slice(0, ROW_ARGUMENTS).toWellFormed();
  return { value: null, text, cut: true };
}

/** A job that has failed for good shows its last run, every other one the run that it is in or that comes next. */
function attemptOf({ state, failures }: JobRecord): number {
  return state === "Failed" || state === "Deleted" ? Math.max(failures, 1) : failures + 1;
}
