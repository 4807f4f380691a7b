import type { Counter, Histogram, Meter } from "@opentelemetry/api";

/** Seconds; the convention's own. */
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** The metrics that the conventions for messaging name. */
export class Instruments {
  readonly sent: Counter;
  readonly consumed: Counter;
  readonly operationDuration: Histogram;
  readonly processDuration: Histogram;

  constructor(meter: Meter) {
    this.sent = meter.createCounter("messaging.client.sent.messages", {
      description: "Number of jobs that clients tried to store.",
      unit: "{message}",
    });
    this.consumed = meter.createCounter("messaging.client.consumed.messages", {
      description: "Number of runs of jobs that have begun.",
      unit: "{message}",
    });
    const advice = { explicitBucketBoundaries: BOUNDARIES };
    this.operationDuration = meter.createHistogram("messaging.client.operation.duration", {
      description: "Duration of storing jobs.",
      unit: "s",
      advice,
    });
    this.processDuration = meter.createHistogram("messaging.process.duration", {
      description: "Duration of runs of jobs.",
      unit: "s",
      advice,
    });
  }
}

/** Seconds since a `performance.now()`. */
export function secondsSince(from: number): number {
  return (performance.now() - from) / 1_000;
}
