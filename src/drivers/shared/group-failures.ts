import type { FailureGroup } from "../../storage/index.ts";

/** A failed job, as far as groups are made of it. */
export interface Failure {
  readonly id: string;
  readonly at: number;
  readonly fingerprint: string;
}

/** Given the newest first: the first one of a group that is met is its last failure. */
export function groupFailures(newest: Iterable<Failure>, limit: number): FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const { id, at, fingerprint } of newest) {
    const { count, ...known } = groups.get(fingerprint) ?? { fingerprint, count: 0, lastAt: at, last: id };
    groups.set(fingerprint, { ...known, count: count + 1, firstAt: at });
  }
  return largestFirst(groups.values(), limit);
}

/** Of the same size the latest first. */
export function largestFirst(groups: Iterable<FailureGroup>, limit: number): FailureGroup[] {
  return [...groups].sort((a, b) => b.count - a.count || b.lastAt - a.lastAt).slice(0, Math.max(0, limit));
}
