import {
  type Attributes,
  context as contexts,
  type Link,
  type Span,
  SpanKind,
  trace,
} from "@opentelemetry/api";
import type { CreatedContext, CreatingContext, FilteredJob } from "../job/job-filter.ts";
import { ATTRIBUTE, kindOfJob, operationOf } from "./attributes.ts";
import { BatchSend } from "./batch-send.ts";
import { recordError, typeOfError } from "./failure.ts";
import { secondsSince } from "./instruments.ts";
import type { Telemetry } from "./telemetry.ts";
import { extractContext, injectContext, isTraced, originOf } from "./trace-context.ts";

const SEND: Attributes = operationOf("send");
const CREATE: Attributes = operationOf("create");

interface Send {
  readonly span: Span;
  /** By `performance.now()`. */
  readonly from: number;
}

/** Spans and metrics of calls that store jobs. */
export class Creations {
  readonly #telemetry: Telemetry;
  readonly #createSpans: boolean;
  /** Among the items of a call or a batch, which all filters share. */
  readonly #key = Symbol("openTelemetry");

  constructor(telemetry: Telemetry, createSpans: boolean) {
    this.#telemetry = telemetry;
    this.#createSpans = createSpans;
  }

  begin(context: CreatingContext): void {
    if (!this.#telemetry.isOn) return;
    this.#telemetry.guard(() => (context.batch === undefined ? this.#begin(context) : this.#join(context)));
  }

  end(context: CreatedContext): void {
    this.#telemetry.guard(() => (context.batch === undefined ? this.#end(context) : this.#leave(context)));
  }

  #begin({ job, items }: CreatingContext): void {
    const origin = originOf(extractContext(job));
    const span = this.#startSpan("send", SEND, job, origin === undefined ? [] : [{ context: origin }]);
    const traced = isTraced(span);
    // A context that the caller has given is left as it is.
    if (traced && origin === undefined) this.#inject(job, span);
    if (traced || this.#telemetry.instruments !== undefined) {
      items.set(this.#key, { span, from: performance.now() } satisfies Send);
    }
  }

  #end({ job, items, existed, cancelled, error }: CreatedContext): void {
    const send = items.get(this.#key);
    if (!isSend(send)) return;
    const { span, from } = send;
    const failure = error === undefined ? undefined : { [ATTRIBUTE.errorType]: typeOfError(error) };
    if (span.isRecording()) {
      span.setAttributes({ ...failure, ...this.#telemetry.attributesOf(job) });
      // A filter may have moved it.
      span.setAttribute(ATTRIBUTE.destination, job.queue);
      if (existed) span.setAttribute(ATTRIBUTE.existed, true);
      if (error !== undefined) recordError(span, error);
    }
    span.end();
    const { instruments } = this.#telemetry;
    if (instruments === undefined) return;
    const attributes = { ...SEND, ...kindOfJob(job), ...failure };
    instruments.operationDuration.record(secondsSince(from), attributes);
    if (!cancelled) instruments.sent.add(1, attributes);
  }

  #join({ job, batch }: CreatingContext): void {
    if (batch === undefined) return;
    const found = batch.items.get(this.#key);
    const send = found instanceof BatchSend ? found : this.#startBatch(job);
    if (send === undefined) return;
    batch.items.set(this.#key, send);
    send.join(job);
    if (!isTraced(send.span)) return;
    const origin = originOf(extractContext(job));
    if (origin !== undefined) send.link(job, origin);
    else if (this.#createSpans) {
      const span = this.#startSpan("create", CREATE, job);
      this.#inject(job, span);
      if (span.isRecording()) span.setAttributes(this.#telemetry.attributesOf(job));
      span.end();
      send.link(job, span.spanContext());
    } else this.#inject(job, send.span);
  }

  #startBatch(job: FilteredJob): BatchSend | undefined {
    const kind = this.#createSpans ? SpanKind.CLIENT : SpanKind.PRODUCER;
    const span = this.#telemetry.tracer.startSpan(`send ${job.name}`, { kind, attributes: { ...SEND } });
    const { instruments } = this.#telemetry;
    return isTraced(span) || instruments !== undefined ? new BatchSend(span, instruments) : undefined;
  }

  #leave({ job, batch, cancelled, error }: CreatedContext): void {
    const send = batch?.items.get(this.#key);
    if (send instanceof BatchSend) send.leave(job, { cancelled, error });
  }

  #startSpan(
    operation: "send" | "create",
    attributes: Attributes,
    job: FilteredJob,
    links: Link[] = [],
  ): Span {
    return this.#telemetry.tracer.startSpan(`${operation} ${job.name}`, {
      kind: SpanKind.PRODUCER,
      attributes: { ...attributes, ...kindOfJob(job), [ATTRIBUTE.messageId]: job.id },
      links,
    });
  }

  /** A job whose parameters are full goes without. */
  #inject(job: FilteredJob, span: Span): void {
    this.#telemetry.guard(() => injectContext(job, trace.setSpan(contexts.active(), span)));
  }
}

function isSend(value: unknown): value is Send {
  return typeof value === "object" && value !== null && "span" in value && "from" in value;
}
