import type { NewJob, RecurringRecord, RecurringSave } from "../storage/index.ts";
import { planSlots } from "./plan-slots.ts";
import { jobOf, readDefinition, readStatus, saveOf, timetableOf } from "./schedule.ts";
import type { ScheduleError, Status } from "./stored-form.ts";

/**
 * After a failure, by their number: long enough for a deployment to bring a server that can. After the fifth the
 * schedule is disabled until it is added again.
 */
const RETRY_MS = [15_000, 30_000, 60_000, 300_000];

/** What a look at a due schedule leads to: the jobs of its slots, not stored yet, and its next instant. */
export interface Firing {
  readonly record: RecurringRecord;
  readonly nextAt: number | null;
  readonly status: Status;
  readonly jobs: readonly NewJob[];
}

/** Throws what makes it impossible. */
export function fireSlots(record: RecurringRecord, now: number, most: number): Firing {
  const definition = readDefinition(record);
  const { error, ...status } = readStatus(record);
  const from = error?.since ?? record.nextAt ?? now;
  const { slots, nextAt } = planSlots(timetableOf(definition), from, now, most);
  const jobs = slots.map((slot) => jobOf(record.id, definition, "Triggered by its schedule", slot));
  const slot = slots.at(-1);
  const ran = slot === undefined ? {} : { lastRunAt: slot };
  return { record, nextAt, status: { ...status, ...ran }, jobs };
}

/** The write of a firing, with those of its jobs that are to be stored: a filter may have cancelled some. */
export function saveOfFiring(
  { record, nextAt, status, jobs }: Firing,
  admitted: readonly NewJob[] = jobs,
): RecurringSave {
  const last = jobs.at(-1);
  if (last === undefined) return saveOf(record, nextAt, status);
  const { lastJobId: _, ...before } = status;
  const isStored = admitted.some(({ id }) => id === last.id);
  return saveOf(record, nextAt, isStored ? { ...before, lastJobId: last.id } : before, admitted);
}

/** What a look that failed leads to: another one a while later, and none after the fifth. */
export function recordFailure(record: RecurringRecord, now: number, failure: unknown): RecurringSave {
  const status = statusOf(record);
  const failures = (status.error?.failures ?? 0) + 1;
  const message = failure instanceof Error ? failure.message : String(failure);
  const since = status.error?.since ?? record.nextAt;
  const error: ScheduleError = { message: message.slice(0, 1_000), at: now, failures, since };
  const wait = RETRY_MS[failures - 1];
  const nextAt = wait === undefined ? null : now + wait;
  return saveOf(record, nextAt, { ...status, error });
}

/** A status that cannot be read is no reason not to write down why. */
function statusOf(record: RecurringRecord): Status {
  try {
    return readStatus(record);
  } catch {
    return {};
  }
}
