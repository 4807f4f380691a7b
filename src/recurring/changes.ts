/** What people do to a recurring job, as the save that makes it so. Pure: the manager reads before and writes after. */
import type { RecurringRecord, RecurringSave } from "../storage/index.ts";
import { jobOf, readDefinition, readStatus, saveOf, textOf, timetableOf } from "./schedule.ts";
import type { Definition, Status } from "./stored-form.ts";

/** What adding came to. */
export type Addition = "added" | "updated" | "unchanged";

export function added(
  id: string,
  record: RecurringRecord | undefined,
  definition: Definition,
  now: number,
): { readonly addition: Addition; readonly save?: RecurringSave } {
  const text = textOf(definition);
  if (record === undefined) {
    const state = { nextAt: firstSlot(definition, now), definition: text, status: textOf({}) };
    return { addition: "added", save: { id, version: 0, state } };
  }
  const before = readBefore(record);
  const isSame = before !== undefined && record.definition === text && before.status.error === undefined;
  if (isSame) return { addition: "unchanged" };
  const { error: _, ...status } = before?.status ?? {};
  const nextAt = status.paused === true ? null : instantAfter(record, before, definition, now);
  const state = { nextAt, definition: text, status: textOf(status) };
  return { addition: "updated", save: { id, version: record.version, state } };
}

export function paused(record: RecurringRecord): RecurringSave | undefined {
  const status = readStatus(record);
  if (status.paused === true) return undefined;
  return saveOf(record, null, { ...status, paused: true });
}

/** What went by while it was paused is not caught up with, nor what had failed before: a person begins anew. */
export function resumed(record: RecurringRecord, now: number): RecurringSave | undefined {
  const { paused: was, error: _, ...status } = readStatus(record);
  if (was !== true) return undefined;
  return saveOf(record, firstSlot(readDefinition(record), now), status);
}

/** A job beside the slots: neither the next one nor a missed one is touched. */
export function triggered(record: RecurringRecord, now: number): { save: RecurringSave; job: string } {
  const job = jobOf(record.id, readDefinition(record), "Triggered by hand");
  const status = { ...readStatus(record), lastRunAt: now, lastJobId: job.id };
  return { save: saveOf(record, record.nextAt, status, [job]), job: job.id };
}

/** Another way of writing the same time moves nothing: a slot that is overdue stays so, also one that failed so far. */
function instantAfter(
  { nextAt }: RecurringRecord,
  before: Before | undefined,
  definition: Definition,
  now: number,
): number | null {
  const failure = before?.status.error;
  const isDisabled = failure !== undefined && nextAt === null;
  if (before?.time !== timeOf(definition) || isDisabled) return firstSlot(definition, now);
  return failure?.since ?? nextAt;
}

/** Strictly after now: nothing fires for a past that nobody asked for. */
function firstSlot(definition: Definition, now: number): number | null {
  const { cron, timeZone } = timetableOf(definition);
  return cron.nextAt(now, timeZone);
}

interface Before {
  readonly status: Status;
  /** Its time, however it was written. */
  readonly time: string;
}

/** Undefined when what is stored cannot be read: then it is replaced as a whole. */
function readBefore(record: RecurringRecord): Before | undefined {
  try {
    return { status: readStatus(record), time: timeOf(readDefinition(record)) };
  } catch {
    return undefined;
  }
}

function timeOf(definition: Definition): string {
  const { cron, timeZone } = timetableOf(definition);
  return `${cron.toString()} in ${timeZone}`;
}
