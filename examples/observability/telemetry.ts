/** An SDK of OpenTelemetry that prints a line for each span. Yours sends them to where you look at traces. */
import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { type ReadableSpan, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

const printer = {
  export(spans: ReadableSpan[], done: (result: { code: number }) => void): void {
    for (const span of spans) console.log(`span: ${describe(span)}`);
    done({ code: 0 });
  },
  shutdown: async () => {},
};

/** Ids are long: four digits tell the spans of an example apart. */
const short = (id: string) => id.slice(0, 4);

function describe(span: ReadableSpan): string {
  const parent = span.parentSpanContext;
  return [
    `${span.name} (${short(span.spanContext().spanId)})`,
    ...(parent === undefined ? [] : [`inside ${short(parent.spanId)}`]),
    ...span.links.map((link) => `linked to ${short(link.context.spanId)}`),
  ].join(", ");
}

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
trace.setGlobalTracerProvider(
  new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: printer })] }),
);
