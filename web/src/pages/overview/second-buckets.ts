import type { MinutePoint } from "../../../../src/dashboard/api/index.ts";

type Counted = Pick<MinutePoint, "succeeded" | "failed" | "deleted" | "retried">;
export type SecondBucket = { at: number } & { -readonly [key in keyof Counted]: number };

const SECOND_MS = 1_000;
const SECONDS = 60;
const KEYS = ["succeeded", "failed", "deleted", "retried"] as const;

/**
 * The last sixty seconds that are over. Points come when something has changed, so each tells of the time since the one before it:
 * what it counts is spread over that time. The first has none before it, and is left out.
 */
export function secondBuckets(minute: readonly MinutePoint[], now: number): SecondBucket[] {
  const first = Math.floor(now / SECOND_MS) - SECONDS;
  const buckets = Array.from({ length: SECONDS }, (_, at) => emptyBucket((first + at) * SECOND_MS));
  for (const [at, point] of minute.entries()) {
    const before = minute[at - 1];
    if (before !== undefined && point.at > before.at) spread(point, before.at, buckets);
  }
  return buckets;
}

function spread(point: MinutePoint, from: number, buckets: readonly SecondBucket[]): void {
  for (const bucket of buckets) {
    const overlap = Math.min(point.at, bucket.at + SECOND_MS) - Math.max(from, bucket.at);
    if (overlap <= 0) continue;
    for (const key of KEYS) bucket[key] += (point[key] * overlap) / (point.at - from);
  }
}

function emptyBucket(at: number): SecondBucket {
  return { at, succeeded: 0, failed: 0, deleted: 0, retried: 0 };
}
