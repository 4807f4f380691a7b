import { FirelaterError, preview } from "../base/error.ts";
import { didYouMean } from "../base/suggestion.ts";

/** A queue name that is empty or malformed (`FL_INVALID_QUEUE`). */
export class InvalidQueueError extends FirelaterError {}
/** A priority that is no integer from -32767 to 32767 (`FL_INVALID_PRIORITY`). */
export class InvalidPriorityError extends FirelaterError {}
/** An option with an unknown name or a value of the wrong kind (`FL_INVALID_OPTIONS`). */
export class InvalidOptionsError extends FirelaterError {}

export const DEFAULT_QUEUE = "default";
export const DEFAULT_PRIORITY = 0;
export const DEFAULT_RETRIES = 10;

const QUEUE = /^[a-z0-9_-]{1,100}$/;
const HIGHEST_PRIORITY = 32_767; // 16 bits in every store, and its negative fits too

/** The queue's name when it is well-formed: 1 to 100 of `a-z 0-9 _ -`, as in Hangfire. */
export function checkQueue(queue: unknown, label = "the queue"): string {
  if (typeof queue === "string" && QUEUE.test(queue)) return queue;
  throw new InvalidQueueError({
    code: "FL_INVALID_QUEUE",
    what: `Cannot use ${preview(queue)} as ${label}.`,
    why: "A queue's name is 1 to 100 lower-case letters, digits, underscores or hyphens.",
    mend: 'Write it like "critical" or "nightly-reports".',
  });
}

/** The priority when it is an integer from -32767 to 32767; higher runs first. */
export function checkPriority(priority: unknown, label = "the priority"): number {
  if (isInteger(priority, -HIGHEST_PRIORITY, HIGHEST_PRIORITY)) return priority;
  throw new InvalidPriorityError({
    code: "FL_INVALID_PRIORITY",
    what: `Cannot use ${preview(priority)} as ${label}.`,
    why: `A priority is an integer from -${HIGHEST_PRIORITY} to ${HIGHEST_PRIORITY}.`,
    mend: "Leave it out for 0; higher runs first.",
  });
}

export type Checks<T> = { readonly [K in keyof T]-?: (value: unknown, label: string) => void };

/** Refuses options that are no object, names that are not in `checks`, and values that their check refuses. */
export function checkFields<T>(options: unknown, checks: Checks<T>, label: string): void {
  if (!isRecord(options)) throw refuseOption(options, label, "an object.");
  for (const [field, value] of Object.entries(options)) {
    const check: unknown = Object.hasOwn(checks, field) ? Reflect.get(checks, field) : undefined;
    if (typeof check !== "function") throw unknownOption(field, Object.keys(checks), label);
    if (value !== undefined) check(value, `${field} of ${label}`);
  }
}

/** The error for an option name that nobody knows. */
export function unknownOption(field: string, known: readonly string[], label: string): InvalidOptionsError {
  return new InvalidOptionsError({
    code: "FL_INVALID_OPTIONS",
    what: `There is no ${preview(field)} in ${label}.`,
    why: `Known names: ${known.slice(0, 20).join(", ")}${known.length > 20 ? ", …" : ""}.`,
    mend: didYouMean(field, known),
  });
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isInteger(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}

export function refuseOption(value: unknown, label: string, rule: string): InvalidOptionsError {
  return new InvalidOptionsError({
    code: "FL_INVALID_OPTIONS",
    what: `Cannot use ${preview(value)} as ${label}.`,
    mend: `What fits: ${rule}`,
  });
}
