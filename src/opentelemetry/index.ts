/** Traces and metrics of jobs, by OpenTelemetry's conventions for messaging. Needs `@opentelemetry/api`. */
export { type OpenTelemetryOptions, openTelemetry } from "./open-telemetry.ts";
