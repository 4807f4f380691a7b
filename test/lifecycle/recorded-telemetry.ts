import { type Attributes, context, metrics, propagation, type SpanKind, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { expect } from "vitest";
import { SOON } from "./workbench.ts";

const NEVER_MS = 1_000_000;

/** The real SDK of OpenTelemetry, registered for the whole process until it is disposed of, and all that it recorded. */
export class RecordedTelemetry implements AsyncDisposable {
  readonly tracing: TracerProvider;
  readonly #spans = new InMemorySpanExporter();
  readonly #metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  readonly #measuring: MeterProvider;

  constructor(sampler?: Sampler) {
    const spanProcessors = [new SimpleSpanProcessor({ exporter: this.#spans })];
    this.tracing = new TracerProvider({ spanProcessors, ...(sampler === undefined ? {} : { sampler }) });
    const exporter = this.#metrics;
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: NEVER_MS });
    this.#measuring = new MeterProvider({ readers: [reader] });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const propagators = [new W3CTraceContextPropagator(), new W3CBaggagePropagator()];
    propagation.setGlobalPropagator(new CompositePropagator({ propagators }));
    trace.setGlobalTracerProvider(this.tracing);
    metrics.setGlobalMeterProvider(this.#measuring);
  }

  /** Those that have ended, oldest first. */
  get spans(): ReadableSpan[] {
    return this.#spans.getFinishedSpans();
  }

  of(name: string, kind?: SpanKind): ReadableSpan[] {
    return this.spans.filter((span) => span.name === name && (kind === undefined || span.kind === kind));
  }

  /** The only one of its name. */
  one(name: string): ReadableSpan {
    const [span, ...others] = this.of(name);
    if (span === undefined || others.length > 0) {
      throw new Error(
        `${others.length + 1} of ${name} among ${this.spans.map((one) => one.name).join(", ")}`,
      );
    }
    return span;
  }

  /** As soon as so many have ended. */
  async reach(name: string, count = 1): Promise<readonly ReadableSpan[]> {
    await expect.poll(() => this.of(name).length, SOON).toBe(count);
    return this.of(name);
  }

  /** The points of a metric: their attributes, and how often something was counted or measured. */
  async points(name: string): Promise<{ readonly attributes: Attributes; readonly count: number }[]> {
    await this.#measuring.forceFlush();
    const scopes = this.#metrics.getMetrics().at(-1)?.scopeMetrics ?? [];
    const metric = scopes
      .flatMap((scope) => scope.metrics)
      .find(({ descriptor }) => descriptor.name === name);
    return (metric?.dataPoints ?? []).map(({ attributes, value }) => ({
      attributes,
      count: typeof value === "number" ? value : value.count,
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const api of [context, propagation, trace, metrics]) api.disable();
    await Promise.all([this.tracing.shutdown(), this.#measuring.shutdown()]);
  }
}

/** Where a span says that it comes from. */
export function linksOf({ links }: ReadableSpan): { readonly traceId: string; readonly spanId: string }[] {
  return links.map(({ context: { traceId, spanId } }) => ({ traceId, spanId }));
}

/** The span itself, as a link names it. */
export function idOf(span: ReadableSpan): { readonly traceId: string; readonly spanId: string } {
  const { traceId, spanId } = span.spanContext();
  return { traceId, spanId };
}
