import { toMilliseconds } from "../base/duration.ts";
import { MAX_TAGS, TAG_CHARS } from "../storage/index.ts";
import { checkFilters } from "./check-filters.ts";
import { isJobName } from "./job-name.ts";
import type { ConcurrencyOptions, JobOptions, RetryOptions } from "./job-options.ts";
import {
  type Checks,
  checkFields,
  checkPriority,
  checkQueue,
  isInteger,
  isRecord,
  refuseOption,
} from "./options.ts";
import type { StandardSchema } from "./standard-schema.ts";
import { hasSlots } from "./template.ts";

const MOST_RETRIES = 1_000_000;
const MOST_PERMITS = 32_767;
const KEY_CHARS = 200;

const RETRY_CHECKS: Checks<RetryOptions> = {
  retries: checkRetries,
  delays: checkDelays,
  onlyOn: checkErrorClasses,
  exceptOn: checkErrorClasses,
  onExhausted: checkOnExhausted,
};

const JOB_CHECKS: Checks<JobOptions> = {
  queue: checkQueueTemplate,
  priority: checkPriority,
  displayName: checkText,
  tags: checkTags,
  concurrency: checkConcurrency,
  timeout: checkLimit,
  latencyTimeout: checkLimit,
  idempotentCompletion: checkBoolean,
  filters: checkFilters,
  retry: (retry, label) => retry !== false && checkFields(retry, RETRY_CHECKS, label),
  formerly: checkFormerly,
  args: checkSchema,
};

/** Narrows to well-formed options of a job; throws at the first that is not. `label` names whose options they are. */
export function checkJobOptions(options: unknown, label: string): asserts options is JobOptions {
  checkFields(options, JOB_CHECKS, label);
}

function checkRetries(value: unknown, label: string): void {
  if (!isInteger(value, 0, MOST_RETRIES))
    throw refuseOption(value, label, `an integer from 0 to ${MOST_RETRIES}.`);
}

function checkDelays(value: unknown, label: string): void {
  if (!Array.isArray(value) || value.length === 0)
    throw refuseOption(value, label, 'a list of durations, like ["1s", "1m"].');
  value.forEach((delay, index) => {
    toMilliseconds(delay, `${label}, number ${index + 1}`);
  });
}

function checkErrorClasses(value: unknown, label: string): void {
  const allClasses = Array.isArray(value) && value.every(isErrorClass);
  if (!allClasses) throw refuseOption(value, label, "a list of error classes, like [TypeError].");
}

function isErrorClass(value: unknown): boolean {
  return typeof value === "function" && (value === Error || value.prototype instanceof Error);
}

function checkOnExhausted(value: unknown, label: string): void {
  if (value !== "fail" && value !== "delete") throw refuseOption(value, label, '"fail" or "delete".');
}

export function checkText(value: unknown, label: string): void {
  if (typeof value !== "string" || value.trim() === "")
    throw refuseOption(value, label, "a text that is not empty.");
}

function checkLimit(value: unknown, label: string): void {
  // The compiler takes Duration only; what comes from JavaScript is looked at by toMilliseconds itself.
  const limit = value as Parameters<typeof toMilliseconds>[0];
  if (toMilliseconds(limit, label) === 0) throw refuseOption(value, label, "a duration above 0.");
}

function checkFormerly(value: unknown, label: string): void {
  if (Array.isArray(value) && value.every(isJobName)) return;
  throw refuseOption(value, label, 'a list of former names, like ["mail.welcome"].');
}

function checkSchema(value: unknown, label: string): asserts value is StandardSchema {
  const holder = typeof value === "object" || typeof value === "function" ? value : null;
  const standard: unknown = holder === null ? undefined : Reflect.get(holder, "~standard");
  if (isRecord(standard) && typeof standard.validate === "function") return;
  throw refuseOption(value, label, 'a Standard Schema, an object with "~standard" (Zod, Valibot, ArkType…).');
}

const CONCURRENCY_CHECKS: Checks<ConcurrencyOptions> = {
  limit: (value, label) => {
    if (!isInteger(value, 1, MOST_PERMITS))
      throw refuseOption(value, label, `an integer from 1 to ${MOST_PERMITS}.`);
  },
  key: (value, label) => {
    checkText(value, label);
    if (String(value).length > KEY_CHARS)
      throw refuseOption(value, label, `a text of at most ${KEY_CHARS} characters.`);
  },
  whenFull: (value, label) => {
    if (value !== "wait" && value !== "skip") throw refuseOption(value, label, '"wait" or "skip".');
  },
};

function checkConcurrency(value: unknown, label: string): void {
  if (isRecord(value)) checkFields(value, CONCURRENCY_CHECKS, label);
  else CONCURRENCY_CHECKS.limit(value, label);
}

/** What the arguments make of it is checked when they are known. */
function checkQueueTemplate(value: unknown, label: string): void {
  if (typeof value !== "string" || !hasSlots(value)) checkQueue(value, label);
}

/** Narrows to tags, before or after their arguments have been put in. */
export function checkTags(value: unknown, label: string): asserts value is readonly string[] {
  const rule = `a list of at most ${MAX_TAGS} texts of 1 to ${TAG_CHARS} characters.`;
  if (!Array.isArray(value) || value.length > MAX_TAGS) throw refuseOption(value, label, rule);
  for (const tag of value) {
    if (typeof tag !== "string" || tag === "" || tag.length > TAG_CHARS) throw refuseOption(tag, label, rule);
  }
}

function checkBoolean(value: unknown, label: string): void {
  if (typeof value !== "boolean") throw refuseOption(value, label, "true or false.");
}
