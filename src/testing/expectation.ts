import { type Duration, toMilliseconds } from "../base/duration.ts";
import type { Instant } from "../client/instant.ts";
import { type Checks, checkFields, isInteger, refuseOption } from "../job/options.ts";
import { describeSpan, describeValue } from "./describe-job.ts";
import type { EnqueuedJob } from "./enqueued-job.ts";
import { matches, matchesList } from "./match-value.ts";
import type { Selected } from "./select-jobs.ts";
import { readTime } from "./virtual-clock.ts";

/** What else must hold of a job that a test looks for. What is left out may be anything. */
export interface EnqueuedWhere {
  readonly queue?: string | undefined;
  readonly priority?: number | undefined;
  readonly displayName?: string | undefined;
  /** All of these are among its tags. */
  readonly tags?: readonly string[] | undefined;
  /** These are among its parameters. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  /** It is due this long after it was enqueued. */
  readonly in?: Duration | undefined;
  /** It is due at this time. */
  readonly at?: string | Instant | undefined;
  /** It continues this job, perhaps with others. */
  readonly after?: string | undefined;
}

/** The same, and how many there must be. */
export interface EnqueuedExpectation extends EnqueuedWhere {
  /** Exactly so many, 1 or more. Default: at least one. */
  readonly count?: number | undefined;
}

const anything = (): void => {};
const WHERE_CHECKS: Checks<EnqueuedWhere> = {
  queue: anything,
  priority: anything,
  displayName: anything,
  tags: (value, label) => {
    if (!Array.isArray(value)) throw refuseOption(value, label, "a list of texts.");
  },
  parameters: anything,
  in: anything,
  at: anything,
  after: anything,
};

/** A misspelt condition would always hold. */
export function checkWhere(where: EnqueuedWhere): void {
  checkFields<EnqueuedWhere>(where, WHERE_CHECKS, "what is expected of the job");
}

export function checkExpectation(expectation: EnqueuedExpectation): void {
  const count = (value: unknown, label: string) => {
    if (!isInteger(value, 1, Number.MAX_SAFE_INTEGER))
      throw refuseOption(value, label, "a whole number from 1 on; for none there is assertNotEnqueued.");
  };
  checkFields<EnqueuedExpectation>(expectation, { ...WHERE_CHECKS, count }, "what is expected of the job");
}

/** In what a job is not what a test looks for; empty when it is. Its name is compared by others. */
export function differences(job: EnqueuedJob, { args }: Selected, where: EnqueuedWhere): string[] {
  return [...(args === undefined ? [] : argumentDifferences(job, args)), ...otherDifferences(job, where)];
}

function argumentDifferences(job: EnqueuedJob, args: readonly unknown[]): string[] {
  if (matchesList(args, job.arguments)) return [];
  const length = Math.max(args.length, job.arguments.length);
  return Array.from({ length }, (_, at) => {
    const [expected, actual] = [args[at], job.arguments[at]];
    return matches(expected, actual) ? [] : [unequal(`arguments[${at}]`, actual, expected)];
  }).flat();
}

function otherDifferences(job: EnqueuedJob, where: EnqueuedWhere): string[] {
  const { queue, priority, displayName, tags = [], parameters = {}, after } = where;
  const found: string[] = [];
  if (queue !== undefined && queue !== job.queue) found.push(unequal("queue", job.queue, queue));
  if (priority !== undefined && priority !== job.priority)
    found.push(unequal("priority", job.priority, priority));
  if (displayName !== undefined && displayName !== job.displayName)
    found.push(unequal("displayName", job.displayName, displayName));
  for (const tag of tags) if (!job.tags.includes(tag)) found.push(`it has no tag ${describeValue(tag)}`);
  for (const [name, value] of Object.entries(parameters)) {
    const actual = job.parameters[name];
    if (!matches(value, actual)) found.push(unequal(`parameters.${name}`, actual, value));
  }
  if (after !== undefined && !job.after.includes(after)) found.push(`it does not continue ${after}`);
  return [...found, ...timeDifferences(job, where)];
}

function timeDifferences({ dueAt, enqueuedAt }: EnqueuedJob, where: EnqueuedWhere): string[] {
  const found: string[] = [];
  if (where.in !== undefined) {
    const expected = toMilliseconds(where.in, "in");
    const actual = dueAt === null ? undefined : dueAt.getTime() - enqueuedAt.getTime();
    if (actual !== expected) {
      const shown = actual === undefined ? "at once" : `in ${describeSpan(actual)}`;
      found.push(`it was due ${shown}, not in ${describeSpan(expected)}`);
    }
  }
  if (where.at !== undefined) {
    const expected = readTime(where.at, "at");
    if (dueAt?.getTime() !== expected)
      found.push(`it was due ${dueAt?.toISOString() ?? "at once"}, not ${new Date(expected).toISOString()}`);
  }
  return found;
}

function unequal(what: string, actual: unknown, expected: unknown): string {
  return `${what} is ${describeValue(actual)}, not ${describeValue(expected)}`;
}
