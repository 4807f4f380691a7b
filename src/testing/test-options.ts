import { type Logger, quietConsole } from "../base/logger.ts";
import { unfailingLogger } from "../base/unfailing-logger.ts";
import type { Instant } from "../client/instant.ts";
import { checkFilters } from "../job/check-filters.ts";
import type { JobFilter } from "../job/job-filter.ts";
import type { JobSet } from "../job/job-set.ts";
import { type Checks, checkFields, checkQueue, isInteger, isRecord, refuseOption } from "../job/options.ts";
import type { ActivateOption } from "../server/server-options.ts";
import type { FailureHandling } from "./course.ts";

/** How jobs are tested. Everything has a default. */
export interface TestSettings {
  /** What the clock shows at first, such as `"2026-03-01T09:00:00Z"`. Default: the time of the system, standing still. */
  readonly now?: string | Instant | undefined;
  /**
   * Told the time at first and whenever it moves, to take others along:
   * `(now) => vi.setSystemTime(now)`, `(now) => mock.timers.setTime(now.getTime())`.
   */
  readonly onTime?: ((now: Date) => void) | undefined;
  /** A job runs inside the call that enqueues it. Default false: jobs run by `drain`, `advance` and `perform`. */
  readonly inline?: boolean | undefined;
  /**
   * `"record"`: what a job throws is logged and stands in the summary, and the job is retried as its options say.
   * `"throw"`: besides, it is thrown to whoever has made the job run: `drain`, `advance`, or inline the call that
   * enqueues. Default `"record"`, inline `"throw"`.
   */
  readonly failures?: FailureHandling | undefined;
  /** Only jobs of these queues run, in this order. Default: all, by priority and arrival. */
  readonly queues?: readonly string[] | undefined;
  /** Filters of the client and of the runs, as `configure` takes them. */
  readonly filters?: readonly JobFilter[] | undefined;
  /** Hears of failed runs. `false`: nobody does. Default: warnings and errors to the console. */
  readonly logger?: Logger | false | undefined;
}

/** Options of `TestJobs`. `activate` is demanded when a class of `jobs` cannot be made with `new Class()`. */
export type TestJobsOptions<J> = TestSettings & { readonly jobs: J } & ActivateOption<J>;

/** Options of one `advance`. */
export interface AdvanceOptions {
  /** Over what `TestJobs` was given. */
  readonly failures?: FailureHandling | undefined;
  /** When to give up: `FL_ENDLESS_JOBS`. Default 10,000. */
  readonly maxRuns?: number | undefined;
}

/** Options of one `drain`. */
export interface DrainOptions extends AdvanceOptions {
  /** Also what is scheduled, retries included: the clock moves to each due time until nothing is scheduled any more. */
  readonly scheduled?: boolean | undefined;
}

export const MAX_RUNS = 10_000;
const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

const ADVANCE_CHECKS: Checks<AdvanceOptions> = {
  failures: checkFailures,
  maxRuns: (value, label) => {
    if (!isInteger(value, 1, Number.MAX_SAFE_INTEGER))
      throw refuseOption(value, label, "a whole number from 1 on.");
  },
};

const CHECKS: Checks<TestSettings & { readonly jobs: JobSet; readonly activate?: unknown }> = {
  // What defineJobs has not made is refused with its own code by whoever reads it.
  jobs: () => {},
  // Refused with a code of its own by the clock.
  now: () => {},
  onTime: checkFunction,
  activate: checkFunction,
  inline: checkBoolean,
  failures: checkFailures,
  filters: checkFilters,
  logger: (value, label) => {
    const fits =
      isRecord(value) && Object.keys(SILENT).every((method) => typeof value[method] === "function");
    if (value !== false && !fits) throw refuseOption(value, label, "debug, info, warn and error; or false.");
  },
  queues: (value, label) => {
    if (!Array.isArray(value) || value.length === 0) throw refuseOption(value, label, "a list of queues.");
    for (const queue of value) checkQueue(queue, label);
  },
};

/** @throws InvalidOptionsError `FL_INVALID_OPTIONS`, InvalidQueueError `FL_INVALID_QUEUE`. */
export function checkTestOptions(options: unknown): void {
  checkFields(options, CHECKS, "the options of TestJobs");
}

export function checkAdvanceOptions(options: AdvanceOptions): void {
  checkFields<AdvanceOptions>(options, ADVANCE_CHECKS, "the options of advance");
}

export function checkDrainOptions(options: DrainOptions): void {
  checkFields<DrainOptions>(options, { ...ADVANCE_CHECKS, scheduled: checkBoolean }, "the options of drain");
}

export function loggerOf(logger: Logger | false | undefined): Logger {
  return logger === false ? SILENT : unfailingLogger(logger ?? quietConsole);
}

function checkFailures(value: unknown, label: string): void {
  if (value !== "record" && value !== "throw") throw refuseOption(value, label, '"record" or "throw".');
}

function checkFunction(value: unknown, label: string): void {
  if (typeof value !== "function") throw refuseOption(value, label, "a function.");
}

function checkBoolean(value: unknown, label: string): void {
  if (typeof value !== "boolean") throw refuseOption(value, label, "true or false.");
}
