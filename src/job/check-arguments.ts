import { FirelaterError } from "../base/error.ts";
import type { StandardIssue, StandardSchema } from "./standard-schema.ts";

/** Arguments that the job's own schema refuses (`FL_INVALID_ARGUMENTS`). */
export class InvalidArgumentsError extends FirelaterError {}

const ISSUES_SHOWN = 5;

/**
 * Holds a list of arguments against the job's `args` schema and gives what the schema makes of it. Enqueue stores what
 * the caller gave and drops this; the run gets this, so that defaults and coercions of today's schema apply.
 */
export async function checkArguments(
  schema: StandardSchema,
  args: unknown[],
  job: string,
): Promise<unknown[]> {
  const result = await schema["~standard"].validate(args);
  if (result.issues !== undefined) throw refuse(job, result.issues);
  if (Array.isArray(result.value)) return result.value;
  throw refuse(job, [
    { message: "the schema gives no list: its input and output must be the list of arguments" },
  ]);
}

function refuse(job: string, issues: readonly StandardIssue[]): InvalidArgumentsError {
  const shown = issues.slice(0, ISSUES_SHOWN).map(describe).join("; ");
  const more = issues.length > ISSUES_SHOWN ? ` (and ${issues.length - ISSUES_SHOWN} more)` : "";
  return new InvalidArgumentsError({
    code: "FL_INVALID_ARGUMENTS",
    what: `The arguments of ${job} do not fit its schema: ${shown}${more}.`,
    mend: "Pass arguments that the job's `args` schema accepts, or change the schema.",
  });
}

function describe({ message, path }: StandardIssue): string {
  const keys = path?.map((part) => String(typeof part === "object" ? part.key : part)) ?? [];
  const text = keys.length === 0 ? message : `arguments[${keys.join("][")}]: ${message}`;
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}
