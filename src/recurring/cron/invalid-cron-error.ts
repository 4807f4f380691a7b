import { FirelaterError, preview } from "../../base/error.ts";
import type { CronField } from "./cron-field.ts";

/** A text that is no cron expression, or an argument of `Cron` that fits no field (`FL_INVALID_CRON`). */
export class InvalidCronError extends FirelaterError {}

/** Where a part of an expression stands: what an error must name. */
export interface Place {
  readonly text: string;
  readonly field: CronField;
}

/** The error for one part of one field. */
export function invalidPart(
  { text, field }: Place,
  part: string,
  why: string,
  hint?: string,
): InvalidCronError {
  const mend = `Write the ${field.label} as ${field.examples}.`;
  const subject = part === "" ? `The ${field.label}` : `The ${field.label} ${preview(part)}`;
  return invalidCron(text, `${subject} ${why}.`, hint === undefined ? mend : `${hint} ${mend}`);
}

/** The error for an expression as a whole. */
export function invalidCron(text: unknown, why: string, mend: string): InvalidCronError {
  return new InvalidCronError({
    code: "FL_INVALID_CRON",
    what: `Cannot read ${preview(text)} as a cron expression.`,
    why,
    mend,
  });
}
