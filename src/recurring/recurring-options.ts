import { FirelaterError, preview } from "../base/error.ts";
import { checkFields, checkPriority, checkQueue, InvalidOptionsError } from "../job/options.ts";
import type { Misfire } from "./plan-slots.ts";
import { timeZoneOf } from "./zone/time-zone.ts";
import { unknownTimeZone } from "./zone/unknown-time-zone-error.ts";

/** How a recurring job is scheduled, beside its cron expression. */
export interface RecurringOptions {
  /** A name of the IANA database, such as `"Europe/Paris"`. Default `"UTC"`. */
  readonly timeZone?: string | undefined;
  /**
   * What becomes of slots that no server could fire in time. `"relaxed"` (default): one job for all of them, for the
   * last one. `"strict"`: one job for each. `"ignorable"`: none, unless the last one is less than ten seconds late.
   */
  readonly misfire?: Misfire | undefined;
  /** Default: the queue of the job. */
  readonly queue?: string | undefined;
  /** Default: the priority of the job. */
  readonly priority?: number | undefined;
}

/** The name of a recurring job is no text of 1 to 200 characters (`FL_INVALID_RECURRING_ID`). */
export class InvalidRecurringIdError extends FirelaterError {}

const LONGEST_ID = 200;

export function checkRecurringId(id: unknown): string {
  if (typeof id === "string" && id.length > 0 && id.length <= LONGEST_ID && id.trim() === id) return id;
  throw new InvalidRecurringIdError({
    code: "FL_INVALID_RECURRING_ID",
    what: `Cannot use ${preview(id)} as the name of a recurring job.`,
    mend: `Use a text of 1 to ${LONGEST_ID} characters without spaces around it, such as "digest" or "reports/daily".`,
  });
}

export function checkRecurringOptions(options: unknown): asserts options is RecurringOptions {
  checkFields<RecurringOptions>(options, CHECKS, "the options of the recurring job");
}

const CHECKS = { timeZone: checkTimeZone, misfire: checkMisfire, queue: checkQueue, priority: checkPriority };

function checkTimeZone(value: unknown): void {
  if (typeof value !== "string") throw unknownTimeZone(value);
  timeZoneOf(value);
}

function checkMisfire(value: unknown, label: string): void {
  if (value === "relaxed" || value === "strict" || value === "ignorable") return;
  throw new InvalidOptionsError({
    code: "FL_INVALID_OPTIONS",
    what: `Cannot use ${preview(value)} as ${label}.`,
    mend: 'What fits: "relaxed", "strict" or "ignorable".',
  });
}
