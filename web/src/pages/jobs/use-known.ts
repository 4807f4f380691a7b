import { useQueryClient } from "@tanstack/react-query";
import type { ErrorGroups } from "../../../../src/dashboard/api/index.ts";
import { seenJobs } from "../../api/seen-jobs.ts";
import { useLiveQuery } from "../../api/use-live-query.ts";
import type { Known } from "./filter-suggestions.ts";

/** Names, queues and tags for who begins to type: of queues and recurring jobs, and of what the page has seen. Nothing is searched for it. */
export function useKnown(wanted: boolean): Known {
  const client = useQueryClient();
  const queues = useLiveQuery("GET queues", {}, { enabled: wanted }).data?.queues ?? [];
  const recurring = useLiveQuery("GET recurring", { query: {} }, { enabled: wanted }).data?.rows ?? [];
  if (!wanted) return { names: [], queues: [], tags: [] };
  const jobs = seenJobs(client);
  const groups = client
    .getQueriesData<ErrorGroups>({ queryKey: ["GET errors"] })
    .flatMap(([, answer]) => answer?.groups ?? []);
  const failed = groups.flatMap(({ last }) => (last === null ? [] : [last]));
  return {
    names: [...jobs, ...failed, ...recurring].map(({ name }) => name),
    queues: [...queues, ...jobs, ...recurring].map(({ queue }) => queue),
    tags: [...jobs, ...failed].flatMap(({ tags }) => tags),
  };
}
