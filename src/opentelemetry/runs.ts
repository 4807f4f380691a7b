import { type Attributes, context as contexts, type Span, SpanKind, trace } from "@opentelemetry/api";
import type { PerformContext, PerformedContext } from "../job/job-filter.ts";
import { ATTRIBUTE, kindOfJob, operationOf } from "./attributes.ts";
import { codeOf, recordError, typeOfError } from "./failure.ts";
import { secondsSince } from "./instruments.ts";
import type { Telemetry } from "./telemetry.ts";
import { extractContext, isTraced, originOf } from "./trace-context.ts";

const PROCESS: Attributes = operationOf("process");
/** What a run comes to is not accepted when its signal was aborted with one of these. */
const LOST = new Set(["FL_CLAIM_LOST", "FL_JOB_CANCELLED"]);

interface RunEnd {
  readonly error: unknown;
  readonly cancelled: boolean;
}

/** Spans and metrics of the runs of jobs. */
export class Runs {
  readonly #telemetry: Telemetry;
  readonly #propagation: "link" | "child";
  readonly #key = Symbol("openTelemetry");

  constructor(telemetry: Telemetry, propagation: "link" | "child") {
    this.#telemetry = telemetry;
    this.#propagation = propagation;
  }

  around(context: PerformContext, next: () => Promise<unknown>): Promise<unknown> {
    if (!this.#telemetry.isOn) return next();
    const active = this.#telemetry.guard(() => this.#begin(context));
    return active === undefined ? next() : contexts.with(active, next);
  }

  end({ items, error, cancelled }: PerformedContext): void {
    const run = items.get(this.#key);
    if (run instanceof Run) this.#telemetry.guard(() => run.end({ error, cancelled }));
  }

  /** The context that the run is to have; undefined when nobody traces. */
  #begin(context: PerformContext) {
    const { job, attempt, items } = context;
    const carried = extractContext(job);
    const origin = originOf(carried);
    const attributes = { ...PROCESS, ...kindOfJob(job) };
    const span = this.#telemetry.tracer.startSpan(
      `process ${job.name}`,
      {
        kind: SpanKind.CONSUMER,
        attributes: { ...attributes, [ATTRIBUTE.messageId]: job.id, [ATTRIBUTE.attempt]: attempt },
        links: origin === undefined ? [] : [{ context: origin }],
        root: this.#propagation === "link",
      },
      carried,
    );
    const traced = isTraced(span);
    if (!traced && this.#telemetry.instruments === undefined) return undefined;
    this.#telemetry.instruments?.consumed.add(1, attributes);
    items.set(this.#key, new Run(this.#telemetry, context, span, attributes));
    if (span.isRecording()) span.setAttributes(this.#telemetry.attributesOf(job));
    return traced ? trace.setSpan(carried, span) : undefined;
  }
}

/** One run: it ends once, with the job's code or when its time is up. */
class Run {
  readonly #telemetry: Telemetry;
  readonly #signal: AbortSignal;
  readonly #span: Span;
  readonly #attributes: Attributes;
  readonly #from = performance.now();
  #hasEnded = false;

  constructor(telemetry: Telemetry, { signal }: PerformContext, span: Span, attributes: Attributes) {
    this.#telemetry = telemetry;
    this.#signal = signal;
    this.#span = span;
    this.#attributes = attributes;
    // Code that ignores its timeout goes on: its run has failed all the same, and now.
    signal.addEventListener("abort", this.#aborted);
  }

  end({ error, cancelled }: RunEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#signal.removeEventListener("abort", this.#aborted);
    const failure = cancelled ? undefined : this.#failureOf(error);
    if (this.#span.isRecording()) {
      if (cancelled) this.#span.setAttribute(ATTRIBUTE.cancelled, true);
      if (failure !== undefined) {
        this.#span.setAttribute(ATTRIBUTE.errorType, typeOfError(failure));
        recordError(this.#span, failure);
      }
    }
    this.#span.end();
    this.#telemetry.instruments?.processDuration.record(secondsSince(this.#from), {
      ...this.#attributes,
      ...(failure === undefined ? {} : { [ATTRIBUTE.errorType]: typeOfError(failure) }),
    });
  }

  readonly #aborted = (): void => {
    const { reason } = this.#signal;
    if (codeOf(reason) !== "FL_JOB_TIMEOUT") return;
    this.#telemetry.guard(() => this.end({ error: reason, cancelled: false }));
  };

  /** A run that was asked to end ends for that reason, whatever its code makes of it. */
  #failureOf(error: unknown): unknown {
    const code = this.#signal.aborted ? codeOf(this.#signal.reason) : undefined;
    if (code === undefined) return error;
    return error !== undefined || LOST.has(code) ? this.#signal.reason : undefined;
  }
}
