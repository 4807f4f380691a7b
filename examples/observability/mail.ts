import { trace } from "@opentelemetry/api";

/** What a job traces itself stands inside its run. */
export async function welcome(to: string): Promise<string> {
  return trace.getTracer("mail").startActiveSpan("render", (span) => {
    span.end();
    return `Welcome, ${to}!`;
  });
}
