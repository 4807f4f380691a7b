import type { Attributes, Span, SpanContext } from "@opentelemetry/api";
import type { CreatedContext, FilteredJob } from "../job/job-filter.ts";
import { ATTRIBUTE, kindOfJob, operationOf } from "./attributes.ts";
import { recordError, typeOfError } from "./failure.ts";
import { type Instruments, secondsSince } from "./instruments.ts";

const SEND: Attributes = operationOf("send");

/** The one write of a chunk of `enqueueMany`: it begins with the first of its jobs and ends with the last. */
export class BatchSend {
  readonly span: Span;
  readonly #instruments: Instruments | undefined;
  readonly #from = performance.now();
  readonly #names = new Set<string>();
  readonly #queues = new Set<string>();
  #joined = 0;
  #left = 0;
  #error: unknown;
  #hasEnded = false;

  constructor(span: Span, instruments: Instruments | undefined) {
    this.span = span;
    this.#instruments = instruments;
  }

  join({ name }: FilteredJob): void {
    this.#joined++;
    this.#names.add(name);
  }

  link(job: FilteredJob, context: SpanContext): void {
    this.span.addLink({ context, attributes: { [ATTRIBUTE.messageId]: job.id } });
  }

  leave(job: FilteredJob, { cancelled, error }: Pick<CreatedContext, "cancelled" | "error">): void {
    this.#left++;
    this.#queues.add(job.queue);
    this.#error ??= error;
    if (!cancelled) this.#instruments?.sent.add(1, { ...SEND, ...kindOfJob(job), ...failureOf(error) });
    // After a failure jobs may come one by one: the first end of all that are there is the end of the write.
    if (this.#left === this.#joined) this.#end();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const common = this.#common();
    if (this.span.isRecording()) {
      this.span.setAttributes({ ...common, [ATTRIBUTE.batchCount]: this.#joined });
      if (this.#names.size > 1) this.span.updateName("send");
      if (this.#error !== undefined) recordError(this.span, this.#error);
      this.span.end();
    }
    this.#instruments?.operationDuration.record(secondsSince(this.#from), { ...SEND, ...common });
  }

  /** What holds for all of them. */
  #common(): Attributes {
    const [name, ...otherNames] = this.#names;
    const [queue, ...otherQueues] = this.#queues;
    return {
      ...(name === undefined || otherNames.length > 0 ? {} : { [ATTRIBUTE.jobName]: name }),
      ...(queue === undefined || otherQueues.length > 0 ? {} : { [ATTRIBUTE.destination]: queue }),
      ...failureOf(this.#error),
    };
  }
}

function failureOf(error: unknown): Attributes {
  return error === undefined ? {} : { [ATTRIBUTE.errorType]: typeOfError(error) };
}
