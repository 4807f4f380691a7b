import { FilterChains } from "../filters/filter-chain.ts";
import { registryOf } from "../job/job-set.ts";
import type { ServerParts } from "./server-options.ts";
import type { ProcessParts } from "./server-process.ts";

/** The filters of a job by its name. Those of jobs in threads are known there alone. */
export function chainsByName(
  jobs: ServerParts["jobs"],
  filters: ServerParts["filters"],
): ProcessParts["chainOf"] {
  if (jobs instanceof URL) return () => undefined;
  const chains = new FilterChains(filters);
  return (name) => {
    const job = registryOf(jobs).find(name);
    return job === undefined ? undefined : chains.of(job.options);
  };
}
