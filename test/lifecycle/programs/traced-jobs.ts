/** Jobs for threads, with an SDK of OpenTelemetry in each thread that tells the test which spans have ended. */
import { BroadcastChannel, isMainThread } from "node:worker_threads";
import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { currentJob, defineJobs } from "firelater";
import { openTelemetry } from "firelater/opentelemetry";

export const TRACED = "firelater traced jobs";

/** A span as it is told. */
export interface TracedSpan {
  readonly name: string;
  readonly spanId: string;
  readonly parent: string | undefined;
  readonly links: readonly string[];
  readonly attempt: unknown;
}

if (!isMainThread) {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const channel = new BroadcastChannel(TRACED);
  channel.unref();
  const processor = new SimpleSpanProcessor({
    exporter: {
      export(spans, done) {
        for (const span of spans) {
          channel.postMessage({
            name: span.name,
            spanId: span.spanContext().spanId,
            parent: span.parentSpanContext?.spanId,
            links: span.links.map((link) => link.context.spanId),
            attempt: span.attributes["messaging.firelater.job.attempt"],
          } satisfies TracedSpan);
        }
        done({ code: 0 });
      },
      shutdown: async () => {},
    },
  });
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [processor] }));
}

const work = async (n: number): Promise<number> => {
  await trace.getTracer("jobs").startActiveSpan("query", async (span) => span.end());
  if (currentJob().attempt === 1) throw new RangeError("not yet");
  return n + 1;
};

export const jobs = defineJobs({ work }, { work: { retry: { delays: ["0s"] } } });
export const filters = [openTelemetry()];
