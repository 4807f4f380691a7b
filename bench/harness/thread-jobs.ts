/** The jobs of the benchmark of threads: loaded on the event loop and in each thread alike. */
import { createHash } from "node:crypto";
import { defineJobs } from "firelater";

export const jobs = defineJobs({
  noop() {},
  /** A fixed amount of work: a time would pass just as fast on a core that is shared. */
  chain(rounds: number): string {
    let hash = "";
    for (let round = 0; round < rounds; round++) hash = createHash("sha256").update(hash).digest("hex");
    return hash;
  },
});
