import type { Attributes, MeterProvider, TracerProvider } from "@opentelemetry/api";
import type { FilteredJob, JobFilter } from "../job/job-filter.ts";
import { checkFields, refuseOption } from "../job/options.ts";
import { Creations } from "./creations.ts";
import { Runs } from "./runs.ts";
import { Telemetry } from "./telemetry.ts";

/** What `openTelemetry` takes. Everything has a default. */
export interface OpenTelemetryOptions {
  /**
   * How a run is tied to the call that has stored its job. `"link"` (default): the run begins a trace of its own, with a
   * link to the call. `"child"`: it is part of the caller's trace, too, however much later it runs.
   */
  readonly propagation?: "link" | "child" | undefined;
  /**
   * Whether each job of `enqueueMany` has a span "create" of its own, to which its run is linked. Default true. False:
   * the runs are linked to the one span "send" of the write that has stored them.
   */
  readonly createSpans?: boolean | undefined;
  /** Further attributes of a job's spans. Arguments and results never stand in them by themselves: they may be secrets. */
  readonly attributes?: ((job: FilteredJob) => Attributes) | undefined;
  /** Default: the one that is registered with the API, now or later. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Default: the one that is registered with the API, now or later. */
  readonly meterProvider?: MeterProvider | undefined;
}

/** Outermost: it sees what other filters make of a job, and their work stands inside its spans. */
const ORDER = -1_000;

/**
 * A filter that traces and measures jobs by OpenTelemetry's conventions for messaging: a span "send" around the call that
 * stores a job, a span "process" around each run, linked to it, and metrics of both. What a job's own code traces stands
 * inside its run. Give it to clients and to servers; modules of jobs in threads export it among their `filters`.
 *
 * It needs `@opentelemetry/api`, and records nothing until an OpenTelemetry SDK is registered. Whatever goes wrong in it
 * is told to the diagnostics logger of OpenTelemetry and harms no job.
 *
 * @throws InvalidOptionsError `FL_INVALID_OPTIONS`
 *
 * @example
 * ```ts
 * import { BackgroundJobClient, BackgroundJobServer, defineJobs } from "firelater";
 * import { openTelemetry } from "firelater/opentelemetry";
 * import { SqliteStorage } from "firelater/sqlite";
 *
 * const storage = new SqliteStorage("jobs.db");
 * const jobs = defineJobs({ console });
 * const filters = [openTelemetry()];
 * const client = new BackgroundJobClient({ storage, jobs, filters });
 * const server = new BackgroundJobServer({ storage, jobs, filters });
 * await client.enqueue((j) => j.console.log("Traced."));
 * ```
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): JobFilter {
  checkFields<OpenTelemetryOptions>(options, CHECKS, "the options of openTelemetry");
  const telemetry = new Telemetry(options);
  const creations = new Creations(telemetry, options.createSpans ?? true);
  const runs = new Runs(telemetry, options.propagation ?? "link");
  return {
    name: "openTelemetry",
    order: ORDER,
    onCreating: (context) => creations.begin(context),
    onCreated: (context) => creations.end(context),
    aroundPerform: (context, next) => runs.around(context, next),
    onPerformed: (context) => runs.end(context),
  };
}

const CHECKS = {
  propagation(value: unknown, label: string): void {
    if (value !== "link" && value !== "child") throw refuseOption(value, label, '"link" or "child".');
  },
  createSpans(value: unknown, label: string): void {
    if (typeof value !== "boolean") throw refuseOption(value, label, "true or false.");
  },
  attributes(value: unknown, label: string): void {
    if (typeof value !== "function") throw refuseOption(value, label, "a function of a job.");
  },
  tracerProvider: checkProvider("getTracer"),
  meterProvider: checkProvider("getMeter"),
};

function checkProvider(method: string): (value: unknown, label: string) => void {
  return (value, label) => {
    const given: unknown =
      typeof value === "object" && value !== null ? Reflect.get(value, method) : undefined;
    if (typeof given !== "function") throw refuseOption(value, label, `an object with ${method}().`);
  };
}
