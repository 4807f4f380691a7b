import { FirelaterError, preview } from "../base/error.ts";
import { newId } from "../base/ids.ts";
import { isRecord } from "../job/options.ts";
import { enqueued } from "../states/enqueued.ts";
import type { NewJob, RecurringRecord, RecurringSave } from "../storage/index.ts";
import { CronExpression } from "./cron-expression.ts";
import type { Timetable } from "./plan-slots.ts";
import { attachedTo, type Definition, isDefinition, isStatus, type Status } from "./stored-form.ts";

/** What is stored is not what this version writes (`FL_RECURRING_UNREADABLE`). Add the job again, or update Firelater. */
export class RecurringUnreadableError extends FirelaterError {}

export function readDefinition({ id, definition }: Pick<RecurringRecord, "id" | "definition">): Definition {
  const found = parse(id, definition);
  if (isRecord(found) && found.v !== 1) {
    throw unreadable(id, `It is of version ${preview(found.v)}; this version of Firelater reads version 1.`);
  }
  if (isDefinition(found)) return found;
  throw unreadable(id, "Its definition lacks what belongs there, or holds it in another form.");
}

export function readStatus({ id, status }: Pick<RecurringRecord, "id" | "status">): Status {
  const found = parse(id, status);
  if (isStatus(found)) return found;
  throw unreadable(id, "Its status holds what does not belong there.");
}

/** The instants of a definition, to be asked. */
export function timetableOf({ cron, timeZone, misfire }: Definition): Timetable {
  return { cron: CronExpression.parse(cron), timeZone, misfire };
}

/** A job that a schedule begins. Its `dueAt` is the slot, however late it is stored. */
export function jobOf(id: string, { job }: Definition, reason: string, slot?: number): NewJob {
  // Named one by one: whatever else a stored text may hold is no part of a job.
  const { name, queue, rank, args, displayName } = job;
  const attached = attachedTo(job);
  const { entry } = enqueued(reason, { recurring: id });
  const planned = slot === undefined ? {} : { plannedAt: slot };
  return { id: newId(), name, queue, rank, args, displayName, entry, ...attached, ...planned };
}

export function textOf(value: Definition | Status): string {
  return JSON.stringify(value);
}

/** The record goes on as it was defined, with another instant, another status, and the jobs that it begins. */
export function saveOf(
  { id, version, definition }: RecurringRecord,
  nextAt: number | null,
  status: Status,
  jobs: readonly NewJob[] = [],
): RecurringSave {
  return { id, version, state: { nextAt, definition, status: textOf(status) }, jobs };
}

function parse(id: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(id, "Its stored text is no JSON.", cause);
  }
}

function unreadable(id: string, why: string, cause?: unknown): RecurringUnreadableError {
  return new RecurringUnreadableError({
    code: "FL_RECURRING_UNREADABLE",
    what: `The recurring job ${JSON.stringify(id)} cannot be read.`,
    why,
    mend: "Add it again with addOrUpdate, or update the firelater package of this process.",
    cause,
  });
}
