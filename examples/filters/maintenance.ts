import type { JobFilter } from "firelater";

/**
 * Puts jobs off that would run while the system that they need is under maintenance. They do not fail for it: no attempt
 * is spent, and the history says why they wait. `endsAt` gives the end of the maintenance; undefined when there is none.
 */
export function maintenance(endsAt: () => Date | undefined): JobFilter {
  return {
    name: "maintenance",
    onStateElection({ candidate, elect }) {
      const end = endsAt();
      if (candidate.state !== "Processing" || end === undefined) return;
      const milliseconds = end.getTime() - Date.now();
      if (milliseconds > 0)
        elect({ state: "Scheduled", delay: { milliseconds }, reason: "Under maintenance" });
    },
  };
}
