import { type Span, SpanStatusCode } from "@opentelemetry/api";
import { isInstance } from "../base/error.ts";

/** What is said of a value that is no error, and where a class has no name. */
const OTHER = "_OTHER";

/** The `error.type` of what was thrown: a code of Firelater, else the name of its class. */
export function typeOfError(error: unknown): string {
  if (!isInstance(error, Error)) return OTHER;
  return codeOf(error) ?? (error.name || OTHER);
}

/** The code, if it is one of Firelater's. Told by the code itself: the package may be loaded twice. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown = isInstance(error, Error) ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" && code.startsWith("FL_") ? code : undefined;
}

/** The message stands in the history of the job, too; the stack helps where spans are all that one sees. */
export function recordError(span: Span, error: unknown): void {
  if (isInstance(error, Error)) {
    span.recordException(error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  } else span.setStatus({ code: SpanStatusCode.ERROR });
}
