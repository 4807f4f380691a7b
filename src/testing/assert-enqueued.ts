import { AssertionError } from "node:assert";
import { describeCall, describeJob } from "./describe-job.ts";
import type { EnqueuedJob } from "./enqueued-job.ts";
import { differences, type EnqueuedExpectation, type EnqueuedWhere } from "./expectation.ts";
import type { Selected } from "./select-jobs.ts";

const LISTED = 10;

/** The jobs that are what a test looks for. */
export function matching(
  jobs: readonly EnqueuedJob[],
  selected: Selected,
  where: EnqueuedWhere,
): EnqueuedJob[] {
  return jobs.filter((job) => job.name === selected.name && differences(job, selected, where).length === 0);
}

/** The first of the jobs that a test looks for. `caller` is left out of the stack, so that it begins in the test. */
export function assertEnqueued(
  jobs: readonly EnqueuedJob[],
  selected: Selected,
  { count, ...where }: EnqueuedExpectation,
  caller: Caller,
): EnqueuedJob {
  const found = matching(jobs, selected, where);
  const [first] = found;
  if (first !== undefined && (count === undefined || count === found.length)) return first;
  const like = describeCall(selected.name, selected.args);
  const what =
    count === undefined
      ? `No job like ${like} was enqueued.`
      : `Expected ${jobsLike(count, like)}, but ${found.length === 0 ? "none was" : wasOrWere(found.length)} enqueued.`;
  const operator = "assertEnqueued";
  throw failure(`${what}\n\n${enqueuedInstead(jobs, selected, where)}`, operator, caller);
}

export function assertNotEnqueued(
  jobs: readonly EnqueuedJob[],
  selected: Selected,
  where: EnqueuedWhere,
  caller: Caller,
): void {
  const found = matching(jobs, selected, where);
  if (found.length === 0) return;
  const like = describeCall(selected.name, selected.args);
  const what = `Expected no job like ${like}, but ${wasOrWere(found.length)} enqueued:`;
  throw failure(`${what}\n${listed(found.map(describeJob))}`, "assertNotEnqueued", caller);
}

export function assertNothingEnqueued(jobs: readonly EnqueuedJob[], caller: Caller): void {
  if (jobs.length === 0) return;
  const what = `Expected that nothing was enqueued, but ${jobs.length === 1 ? "one job" : `${jobs.length} jobs`} ${jobs.length === 1 ? "was" : "were"}:`;
  throw failure(`${what}\n${listed(jobs.map(describeJob))}`, "assertNothingEnqueued", caller);
}

type Caller = (...args: never[]) => unknown;

function failure(message: string, operator: string, caller: Caller): AssertionError {
  // The message says it all: runners that print `actual` and `expected` would only add noise.
  const error = new AssertionError({ message, operator, stackStartFn: caller });
  // Node's word for how to print; Vitest takes a property of this name for the difference itself, and prints it.
  Reflect.deleteProperty(error, "diff");
  return error;
}

/** Those of the same name first, with what is wrong with them. */
function enqueuedInstead(jobs: readonly EnqueuedJob[], selected: Selected, where: EnqueuedWhere): string {
  if (jobs.length === 0) return "Nothing was enqueued at all.";
  const near = jobs.filter(({ name }) => name === selected.name);
  const lines = near.map((job) => {
    const wrong = differences(job, selected, where);
    return [describeJob(job), ...wrong.map((line) => `  ↳ ${line}`)].join("\n  ");
  });
  const others = jobs.filter(({ name }) => name !== selected.name).map(describeJob);
  return `What was enqueued:\n${listed([...lines, ...others])}`;
}

function listed(lines: readonly string[]): string {
  const more = lines.length - LISTED;
  const shown = lines.slice(0, LISTED).map((line) => `  ${line}`);
  return [...shown, ...(more > 0 ? [`  … and ${more} more`] : [])].join("\n");
}

function jobsLike(count: number, like: string): string {
  return count === 1 ? `one job like ${like}` : `${count} jobs like ${like}`;
}

function wasOrWere(count: number): string {
  return count === 1 ? "one was" : `${count} were`;
}
