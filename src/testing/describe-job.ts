import { inspect } from "node:util";
import { placeholderName, placeholderOf } from "../job/placeholder.ts";
import type { EnqueuedJob } from "./enqueued-job.ts";

const SHOWN = { depth: 4, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 20, maxStringLength: 200 };
const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
] as const;

/** `mail.welcome("ann@example.com")`. */
export function describeCall(name: string, args: readonly unknown[] | undefined): string {
  return args === undefined ? name : `${name}(${args.map(describeValue).join(", ")})`;
}

/** The call of a job and whatever is special about how it was enqueued. */
export function describeJob(job: EnqueuedJob): string {
  const { queue, priority, tags, dueAt, enqueuedAt, after } = job;
  return [
    describeCall(job.name, job.arguments),
    queue === "default" ? "" : `queue "${queue}"`,
    priority === 0 ? "" : `priority ${priority}`,
    tags.length === 0 ? "" : `tags ${tags.join(", ")}`,
    dueAt === null ? "" : `due in ${describeSpan(dueAt.getTime() - enqueuedAt.getTime())}`,
    after.length === 0 ? "" : `after ${after.length === 1 ? "another job" : `${after.length} jobs`}`,
  ]
    .filter(Boolean)
    .join(", ");
}

/** A value as it would be written in a test; a matcher and a placeholder by their names. */
export function describeValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return inspect(value, SHOWN);
  const placeholder = placeholderOf(value);
  if (placeholder !== undefined) return placeholderName(placeholder);
  if ("toAsymmetricMatcher" in value && typeof value.toAsymmetricMatcher === "function")
    return String(value.toAsymmetricMatcher());
  return inspect(value, SHOWN);
}

/** `1h 30m`; a time in the past as `-5m`. */
export function describeSpan(ms: number): string {
  if (ms === 0) return "0s";
  let left = Math.abs(ms);
  const parts = UNITS.flatMap(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? [] : [`${count}${unit}`];
  });
  return `${ms < 0 ? "-" : ""}${parts.join(" ")}`;
}
