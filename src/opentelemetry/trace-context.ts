import {
  type Context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  trace,
} from "@opentelemetry/api";
import type { FilteredJob } from "../job/job-filter.ts";

/** The parameter of a job that holds where it comes from, in the words of the registered propagator (`traceparent`, …). */
const PARAMETER = "TraceContext";

/** Whether anybody traces: without an SDK spans have no identity. */
export function isTraced(span: Span): boolean {
  return isSpanContextValid(span.spanContext());
}

export function injectContext(job: FilteredJob, context: Context): void {
  const carrier: Record<string, string> = {};
  propagation.inject(context, carrier);
  if (Object.keys(carrier).length > 0) job.parameters.set(PARAMETER, carrier);
}

/** What the job carries from where it was stored, such as baggage; the root when it carries nothing. */
export function extractContext(job: FilteredJob): Context {
  const carrier = job.parameters.get(PARAMETER);
  return typeof carrier === "object" && carrier !== null
    ? propagation.extract(ROOT_CONTEXT, carrier)
    : ROOT_CONTEXT;
}

/** The span under which a job was stored. */
export function originOf(context: Context): SpanContext | undefined {
  const origin = trace.getSpanContext(context);
  return origin !== undefined && isSpanContextValid(origin) ? origin : undefined;
}
