import type { Hold, JobState } from "../../storage/index.ts";

/** States as small integers: they keep the rows and the partial indices of SQL engines small. Frozen with the schemas. */
export const STATE = {
  Enqueued: 1,
  Scheduled: 2,
  Awaiting: 3,
  Processing: 4,
  Succeeded: 5,
  Failed: 6,
  Deleted: 7,
} as const satisfies Record<JobState, number>;

export const HOLD = { none: 0, due: 1, gate: 2, unknown: 3, limit: 4 } as const satisfies Record<
  Hold | "none",
  number
>;

const STATES: readonly (JobState | undefined)[] = [
  undefined,
  "Enqueued",
  "Scheduled",
  "Awaiting",
  "Processing",
  "Succeeded",
  "Failed",
  "Deleted",
];
const HOLDS: readonly (Hold | null)[] = [null, "due", "gate", "unknown", "limit"];

export function toState(code: number): JobState {
  const state = STATES[code];
  if (state === undefined) throw new TypeError(`unknown state ${code} in the database`);
  return state;
}

export function toHold(code: number): Hold | null {
  return HOLDS[code] ?? null;
}
