import { currentJob, defineJobs } from "firelater";

/** A job that tries to complete where no storage is. */
export const completing = {
  async ship(): Promise<void> {
    await currentJob().completeIn({});
  },
};

export const jobs = defineJobs(completing, { ship: { retry: false } });
