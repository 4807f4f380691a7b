import type { Hold, JobState } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";

/** The order of a state's list: an index has it, so a page costs its own rows and no more. */
export interface Listing {
  readonly index: string;
  readonly where: string;
  readonly keys: readonly string[];
  readonly direction: "ASC" | "DESC";
}

function byTime(state: JobState, direction: Listing["direction"]): Listing {
  return { index: "by_state", where: `state = ${STATE[state]}`, keys: ["state_at", "id"], direction };
}

const PLACE = ["queue", "job_rank", "seq"] as const;

const LISTINGS: Readonly<Record<JobState, Listing>> = {
  Enqueued: {
    index: "enqueued",
    where: `state = ${STATE.Enqueued}`,
    keys: ["hold", ...PLACE],
    direction: "ASC",
  },
  Scheduled: { index: "due", where: `hold = ${HOLD.due}`, keys: ["due_at", "seq"], direction: "ASC" },
  Processing: byTime("Processing", "ASC"),
  Awaiting: byTime("Awaiting", "DESC"),
  Succeeded: byTime("Succeeded", "DESC"),
  Failed: byTime("Failed", "DESC"),
  Deleted: byTime("Deleted", "DESC"),
};

/** With a hold: of the list of Enqueued that stretch alone. Every other list has one hold only. */
export function listingOf(state: JobState, hold: Hold | null | undefined): Listing {
  if (state !== "Enqueued" || hold === undefined) return LISTINGS[state];
  const where = `state = ${STATE.Enqueued} AND hold = ${HOLD[hold ?? "none"]}`;
  return { index: "enqueued", where, keys: PLACE, direction: "ASC" };
}

export function orderOf({ keys, direction }: Listing): string {
  return keys.map((key) => `${key} ${direction}`).join(", ");
}
