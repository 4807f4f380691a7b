import type { Change, CommitOutcome, Storage } from "../../storage/index.ts";
import { eventually } from "./expect.ts";

/** Commits one change, again while a neighbour holds what it needs. */
export async function settle(storage: Storage, change: Change): Promise<CommitOutcome> {
  return await eventually("the change is not busy", async () => {
    const [outcome] = await storage.commit([change]);
    return outcome === "busy" ? undefined : outcome;
  });
}
