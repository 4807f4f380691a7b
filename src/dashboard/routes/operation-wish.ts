import { checkQueue, isRecord } from "../../job/options.ts";
import type { JobSelection } from "../../operations/job-selection.ts";
import { OPERATION_KINDS, type OperationKind } from "../../operations/operation.ts";
import { type Due, JOB_STATES, type JobState } from "../../storage/index.ts";
import type { Permission } from "../api/meta.ts";
import type { OperationBody } from "../api/operations.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import { invalid } from "../http/problem.ts";
import {
  flag,
  integer,
  oneOf,
  optional,
  type Reader,
  readFields,
  refuse,
  text,
  withDefault,
} from "../http/readers.ts";
import type { Ask } from "../http/route.ts";
import { isHiddenTag, looksIntoData } from "../show/shown-filter.ts";
import { checkWhen, WHEN_READERS } from "./job-actions.ts";
import { FILTER_READERS } from "./job-search.ts";

const MOST_PACE = 100_000;
const OTHERS: readonly JobState[] = ["Awaiting", "Processing", "Succeeded", "Failed", "Deleted"];

/** Jobs of these states it would not change, or take away from under a run. */
export const SENSELESS: Readonly<Record<OperationKind, readonly JobState[]>> = {
  requeue: ["Enqueued", "Processing"],
  delete: ["Deleted"],
  reschedule: ["Processing"],
  // Only what waits in a queue, or will, is in one that matters. Others are requeued into another one.
  move: OTHERS,
};

/** Besides `operate`. Whoever may requeue a job may say where it waits. */
export const NEEDS: Readonly<Record<OperationKind, Permission>> = {
  requeue: "requeue",
  delete: "delete",
  reschedule: "reschedule",
  move: "requeue",
};

/** What somebody wants done to all jobs that match. */
export interface OperationWish {
  readonly kind: OperationKind;
  readonly filter: JobSelection;
  readonly pace: number | null;
  readonly queue: string | undefined;
  readonly due: Due | undefined;
}

const filterReader: Reader<JobSelection> = (value, label) => {
  if (!isRecord(value)) throw refuse(value, label, 'a filter, such as { state: "Failed" }.');
  return readFields(new Map(Object.entries(value)), FILTER_READERS, "member of the filter");
};

/** Reads the body of a request; throws for what makes no sense. */
export function readWish(ask: Ask): OperationWish & { readonly dryRun: boolean } {
  const body = ask.body<OperationBody & { readonly dryRun: boolean }>({
    kind: oneOf(OPERATION_KINDS),
    filter: filterReader,
    pace: optional(integer(1, MOST_PACE)),
    queue: optional(text(100)),
    dryRun: withDefault(flag, false),
    ...WHEN_READERS,
  });
  const { kind, filter, pace = null, dryRun } = body;
  if (SENSELESS[kind].includes(filter.state)) throw senseless(kind, filter.state);
  return { kind, filter, pace, dryRun, queue: queueOf(body), due: dueOf(body) };
}

function senseless(kind: OperationKind, state: JobState): Error {
  const fits = JOB_STATES.filter((one) => !SENSELESS[kind].includes(one));
  return invalid(`An operation cannot ${kind} jobs that are ${state}.`, `What fits: ${fits.join(", ")}.`);
}

/** A count alone needs neither where nor when. */
function queueOf({ kind, queue, dryRun }: OperationBody): string | undefined {
  if (queue === undefined && kind === "move" && !dryRun)
    throw invalid("It is not said where the jobs are to be moved.", "Give queue.");
  if (queue !== undefined && kind !== "move" && kind !== "requeue")
    throw invalid("Only requeue and move take a queue.", "Leave queue out.");
  return queue === undefined ? undefined : checkQueue(queue);
}

function dueOf({ kind, dryRun, ...when }: OperationBody): Due | undefined {
  const isSaid = when.at !== undefined || when.in !== undefined;
  if (isSaid || !dryRun) checkWhen(kind, when);
  if (when.at !== undefined) return { at: when.at };
  return when.in === undefined ? undefined : { in: when.in };
}

/** Servers know no redaction: what they find must not tell of what is hidden here. */
export function refuseHidden({ redactor }: DashboardParts, filter: JobSelection): void {
  if (!redactor.isOn || !(looksIntoData(filter) || isHiddenTag(filter.tag, redactor))) return;
  throw invalid(
    "With redaction, an operation cannot look for texts of arguments, errors and results, or hidden tags.",
    "Filter by name, queue, time, or a group of errors; or pick the jobs by hand.",
  );
}
