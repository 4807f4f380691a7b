import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { Job, JobRow, JobsPage } from "../../../src/dashboard/api/index.ts";

/** The jobs that answers which are still kept tell of: for what helps people type, where asking the storage would cost it a search. */
export function seenJobs(client: QueryClient): readonly JobRow[] {
  const opened = client.getQueriesData<Job>({ queryKey: ["GET jobs/:id"] });
  const lists = client.getQueriesData<InfiniteData<JobsPage>>({ queryKey: ["GET jobs", "list"] });
  return [
    ...opened.flatMap(([, job]) => (job === undefined ? [] : [job])),
    ...lists.flatMap(([, list]) => list?.pages.flatMap(({ rows }) => rows) ?? []),
  ];
}
