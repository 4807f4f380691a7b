import type { RecurringRecord, RecurringSave } from "../storage/index.ts";
import { added } from "./changes.ts";
import { CronExpression } from "./cron-expression.ts";
import type { Misfire } from "./plan-slots.ts";
import { checkRecurringOptions } from "./recurring-options.ts";
import { readDefinition } from "./schedule.ts";

/** What of a recurring job is to be otherwise; its call stays. */
export interface RecurringEdit {
  /** A cron expression. */
  readonly cron?: string | undefined;
  /** A name of the IANA database. */
  readonly timeZone?: string | undefined;
  readonly misfire?: Misfire | undefined;
  readonly queue?: string | undefined;
  readonly priority?: number | undefined;
}

/** Throws what `addOrUpdate` would throw for these. */
export function checkEdit({ cron, ...others }: RecurringEdit): void {
  if (cron !== undefined) CronExpression.parse(cron);
  checkRecurringOptions(others);
}

/** As when it is added anew with another time: no slot is fired for what has gone by. Undefined: it is so already. */
export function edited(record: RecurringRecord, edit: RecurringEdit, now: number): RecurringSave | undefined {
  const before = readDefinition(record);
  const { cron = before.cron, timeZone = before.timeZone, misfire = before.misfire } = edit;
  const queue = edit.queue ?? before.job.queue;
  const rank = edit.priority === undefined ? before.job.rank : 0 - edit.priority;
  const definition = { ...before, cron, timeZone, misfire, job: { ...before.job, queue, rank } };
  return added(record.id, record, definition, now).save;
}
