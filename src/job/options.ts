import { toMilliseconds } from "../base/duration.ts";
import { FirelaterError, preview } from "../base/error.ts";
import { isJobName } from "./job-name.ts";
import type { JobOptions, RetryOptions } from "./job-options.ts";
import type { StandardSchema } from "./standard-schema.ts";
import { didYouMean } from "./suggestion.ts";

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
const MOST_RETRIES = 1_000_000;

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

type Checks<T> = { readonly [K in keyof T]-?: (value: unknown, label: string) => void };

const RETRY_CHECKS: Checks<RetryOptions> = {
  retries: checkRetries,
  delays: checkDelays,
  onlyOn: checkErrorClasses,
  exceptOn: checkErrorClasses,
  onExhausted: checkOnExhausted,
};

const JOB_CHECKS: Checks<JobOptions> = {
  queue: checkQueue,
  priority: checkPriority,
  displayName: checkDisplayName,
  timeout: checkTimeout,
  retry: (retry, label) => retry !== false && checkFields(retry, RETRY_CHECKS, label),
  formerly: checkFormerly,
  args: checkSchema,
};

/** Narrows to well-formed options of a job; throws at the first that is not. `label` names whose options they are. */
export function checkJobOptions(options: unknown, label: string): asserts options is JobOptions {
  checkFields(options, JOB_CHECKS, label);
}

/** Refuses options that are no object, names that are not in `checks`, and values that their check refuses. */
export function checkFields<T>(options: unknown, checks: Checks<T>, label: string): void {
  if (!isRecord(options)) throw refuse(options, label, "an object.");
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

function checkRetries(value: unknown, label: string): void {
  if (!isInteger(value, 0, MOST_RETRIES)) throw refuse(value, label, `an integer from 0 to ${MOST_RETRIES}.`);
}

function checkDelays(value: unknown, label: string): void {
  if (!Array.isArray(value) || value.length === 0)
    throw refuse(value, label, 'a list of durations, like ["1s", "1m"].');
  value.forEach((delay, index) => {
    toMilliseconds(delay, `${label}, number ${index + 1}`);
  });
}

function checkErrorClasses(value: unknown, label: string): void {
  const allClasses = Array.isArray(value) && value.every(isErrorClass);
  if (!allClasses) throw refuse(value, label, "a list of error classes, like [TypeError].");
}

function isErrorClass(value: unknown): boolean {
  return typeof value === "function" && (value === Error || value.prototype instanceof Error);
}

function checkOnExhausted(value: unknown, label: string): void {
  if (value !== "fail" && value !== "delete") throw refuse(value, label, '"fail" or "delete".');
}

function checkDisplayName(value: unknown, label: string): void {
  if (typeof value !== "string" || value.trim() === "")
    throw refuse(value, label, "a text that is not empty.");
}

function checkTimeout(value: unknown, label: string): void {
  // The compiler takes Duration only; what comes from JavaScript is looked at by toMilliseconds itself.
  const timeout = value as Parameters<typeof toMilliseconds>[0];
  if (toMilliseconds(timeout, label) === 0) throw refuse(value, label, "a duration above 0.");
}

function checkFormerly(value: unknown, label: string): void {
  if (Array.isArray(value) && value.every(isJobName)) return;
  throw refuse(value, label, 'a list of former names, like ["mail.welcome"].');
}

function checkSchema(value: unknown, label: string): asserts value is StandardSchema {
  const holder = typeof value === "object" || typeof value === "function" ? value : null;
  const standard: unknown = holder === null ? undefined : Reflect.get(holder, "~standard");
  if (isRecord(standard) && typeof standard.validate === "function") return;
  throw refuse(value, label, 'a Standard Schema, an object with "~standard" (Zod, Valibot, ArkType…).');
}

function isInteger(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}

function refuse(value: unknown, label: string, rule: string): InvalidOptionsError {
  return new InvalidOptionsError({
    code: "FL_INVALID_OPTIONS",
    what: `Cannot use ${preview(value)} as ${label}.`,
    mend: `What fits: ${rule}`,
  });
}
