import { type Duration, toMilliseconds } from "../base/duration.ts";
import type { Logger } from "../base/logger.ts";
import type { JobFilter } from "../job/job-filter.ts";
import type { JobSet } from "../job/job-set.ts";
import { type Checks, checkFields, refuseOption } from "../job/options.ts";
import type { Storage } from "../storage/index.ts";
import type { Authorize } from "./access/gate.ts";
import { checkBasePath } from "./http/base-path.ts";
import type { JobLinksOf } from "./show/job-links.ts";
import type { Redact } from "./show/redactor.ts";

/** Options of a dashboard. `storage`, `jobs` and `filters` may be left out after `configure`. */
export interface DashboardOptions {
  readonly storage?: Storage | undefined;
  /** The jobs, so that filters and schemas hold for what is replayed, requeued and deleted here. */
  readonly jobs?: JobSet | (() => JobSet) | undefined;
  /** Filters of all jobs that are changed here: those of the clients, where they have any. */
  readonly filters?: readonly JobFilter[] | undefined;
  /**
   * Who may look, and do what. Left out, only browsers on this machine may, at http://localhost without a proxy between;
   * everybody else gets 403.
   */
  readonly authorize?: Authorize | undefined;
  /** Nothing can be changed, whatever permissions `authorize` gives. Default false. */
  readonly readOnly?: boolean | undefined;
  /** Replaces what must not be seen, in arguments, results, errors and logs, before anything is searched or sent. */
  readonly redact?: Redact | undefined;
  /**
   * Links on the page of a job: to its log, its trace, its customer. Asked for viewers with `view-data`, for what an
   * address is made of may be part of what the job works with.
   */
  readonly jobLinks?: JobLinksOf | undefined;
  /** The path at which browsers see the dashboard. Default: what the adapter says. */
  readonly basePath?: string | undefined;
  /** Believes `X-Forwarded-Prefix` and `X-Forwarded-Host`: only behind a proxy that sets or removes them. Default false. */
  readonly trustProxy?: boolean | undefined;
  /** Default `"Firelater"`. */
  readonly title?: string | undefined;
  /** What this place is called, such as `"production"`: shown on every page. */
  readonly environment?: string | undefined;
  /** A job that has been ready for longer needs attention. Default `"5m"`. */
  readonly oldestReady?: Duration | undefined;
  /** Hears what went wrong. Default: warnings and errors to the console. */
  readonly logger?: Logger | undefined;
}

const LABEL_CHARS = 100;

function anything(): void {}

const CHECKS: Checks<DashboardOptions> = {
  storage: anything,
  jobs: anything,
  filters: anything,
  authorize: checkFunction,
  readOnly: checkFlag,
  redact: checkFunction,
  jobLinks: checkFunction,
  basePath: checkBasePath,
  trustProxy: checkFlag,
  title: checkText,
  environment: checkText,
  oldestReady: (value, label) => void toMilliseconds(value as Duration, label),
  logger: anything,
};

/** The storage, the jobs and the filters are checked by the client that is made of them. */
export function checkDashboardOptions(options: unknown): asserts options is DashboardOptions {
  checkFields<DashboardOptions>(options, CHECKS, "the options of the dashboard");
}

function checkFunction(value: unknown, label: string): void {
  if (typeof value !== "function") throw refuseOption(value, label, "a function.");
}

function checkFlag(value: unknown, label: string): void {
  if (typeof value !== "boolean") throw refuseOption(value, label, "true or false.");
}

function checkText(value: unknown, label: string): void {
  const fits = typeof value === "string" && value !== "" && value.length <= LABEL_CHARS;
  if (!fits) throw refuseOption(value, label, `a text of 1 to ${LABEL_CHARS} characters.`);
}
