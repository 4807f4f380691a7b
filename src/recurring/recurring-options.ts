import { FirelaterError, preview } from "../base/error.ts";
import { checkFields, checkPriority, checkQueue, InvalidOptionsError, isRecord } from "../job/options.ts";
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

/** The name of a recurring job is no text of 1 to 200 printable characters (`FL_INVALID_RECURRING_ID`). */
export class InvalidRecurringIdError extends FirelaterError {}

const LONGEST_ID = 200;
/** What engines and terminals treat each in its own way: two names could become one, or a line of a log two. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

export function checkRecurringId(id: unknown): string {
  if (isName(id)) return id;
  throw new InvalidRecurringIdError({
    code: "FL_INVALID_RECURRING_ID",
    what: `Cannot use ${preview(id)} as the name of a recurring job.`,
    mend: `Use a text of 1 to ${LONGEST_ID} printable characters without spaces around it, such as "digest" or "reports/daily".`,
  });
}

/** The form of what `sync` gets; what the definitions say is checked one by one. */
export function checkSync(definitions: unknown, options: unknown): void {
  if (!isRecord(definitions)) throw refuse(definitions, "the definitions of sync", LIKE_THIS);
  for (const [id, definition] of Object.entries(definitions)) {
    if (!isRecord(definition)) throw refuse(definition, `the definition of ${preview(id)}`, LIKE_THIS);
  }
  checkFields<{ set?: string }>(options, { set: checkSet }, "the options of sync");
}

export function checkListOptions(options: unknown): void {
  checkFields<{ after?: string; limit?: number }>(
    options,
    { after: checkAfter, limit: checkLimit },
    "the options of list",
  );
}

export function checkRecurringOptions(options: unknown): asserts options is RecurringOptions {
  checkFields<RecurringOptions>(options, CHECKS, "the options of the recurring job");
}

const LIKE_THIS = 'an object, like { digest: { call: (j) => j.mail.digest(), cron: "0 9 * * *" } }.';
const CHECKS = { timeZone: checkTimeZone, misfire: checkMisfire, queue: checkQueue, priority: checkPriority };

function checkTimeZone(value: unknown): void {
  if (typeof value !== "string") throw unknownTimeZone(value);
  timeZoneOf(value);
}

function checkMisfire(value: unknown, label: string): void {
  if (value === "relaxed" || value === "strict" || value === "ignorable") return;
  throw refuse(value, label, '"relaxed", "strict" or "ignorable".');
}

function checkSet(value: unknown, label: string): void {
  if (!isName(value)) throw refuse(value, label, `a text of 1 to ${LONGEST_ID} printable characters.`);
}

function checkAfter(value: unknown, label: string): void {
  if (typeof value !== "string") throw refuse(value, label, "the last id of the part before.");
}

function checkLimit(value: unknown, label: string): void {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return;
  throw refuse(value, label, "a whole number from 0.");
}

function isName(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value.length > 0 &&
    value.length <= LONGEST_ID &&
    value.trim() === value &&
    !UNPRINTABLE.test(value)
  );
}

function refuse(value: unknown, label: string, rule: string): InvalidOptionsError {
  return new InvalidOptionsError({
    code: "FL_INVALID_OPTIONS",
    what: `Cannot use ${preview(value)} as ${label}.`,
    mend: `What fits: ${rule}`,
  });
}
