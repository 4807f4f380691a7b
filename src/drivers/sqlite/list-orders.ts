import type { Hold, JobState } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";

/** The order of a state's list: an index has it, so a page costs its own rows and no more. */
export interface Listing {
  readonly where: string;
  readonly keys: readonly string[];
  readonly direction: "ASC" | "DESC";
}

/** The state stands in the text: only then is its partial index used. */
function newestFirst(state: JobState): Listing {
  return { where: `state = ${STATE[state]}`, keys: ["state_at", "key"], direction: "DESC" };
}

const PLACE = ["queue", "rank", "seq"] as const;

const LISTINGS: Readonly<Record<JobState, Listing>> = {
  Enqueued: { where: "state = 1", keys: ["hold", ...PLACE], direction: "ASC" },
  Scheduled: { where: "hold = 1", keys: ["due_at", "key"], direction: "ASC" },
  // No index: live claims are few, and an index by time would cost every claim.
  Processing: { where: "state = 4", keys: ["state_at", "key"], direction: "ASC" },
  Awaiting: newestFirst("Awaiting"),
  Succeeded: newestFirst("Succeeded"),
  Failed: newestFirst("Failed"),
  Deleted: newestFirst("Deleted"),
};

/** With a hold: of the list of Enqueued that stretch alone. Every other list has one hold only. */
export function listingOf(state: JobState, hold: Hold | null | undefined): Listing {
  if (state !== "Enqueued" || hold === undefined) return LISTINGS[state];
  return { where: `state = 1 AND hold = ${HOLD[hold ?? "none"]}`, keys: PLACE, direction: "ASC" };
}

export function orderOf({ keys, direction }: Listing): string {
  return keys.map((key) => `${key} ${direction}`).join(", ");
}
