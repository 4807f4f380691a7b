import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { type ReactElement, useEffect } from "react";
import type { Job } from "../../../../src/dashboard/api/index.ts";
import { CallError } from "../../api/call.ts";
import { watchJob } from "../../api/live-feed.ts";
import { useLiveQuery } from "../../api/use-live-query.ts";
import { useShortcuts } from "../../app/shortcuts.ts";
import { Empty } from "../../parts/notice.tsx";
import { Answered } from "../../parts/pending.tsx";
import { neighbour } from "../jobs/job-trail.ts";
import { HistoryCard } from "./history-card.tsx";
import { JobBanners } from "./job-banners.tsx";
import { JobFacts } from "./job-facts.tsx";
import { JobHead } from "./job-head.tsx";
import { JobTimeline } from "./job-timeline.tsx";

const route = getRouteApi("/jobs/$id");
/** A stream tells of changes at once; this is for when there is none. */
const EVERY_MS = 2_000;

/** All of one job. */
export function JobPage(): ReactElement {
  const { id } = route.useParams();
  const client = useQueryClient();
  const query = useLiveQuery("GET jobs/:id", { params: { id } }, { everyMs: EVERY_MS });
  useEffect(
    () =>
      watchJob(id, () => {
        void client.invalidateQueries({ queryKey: ["GET jobs/:id", { id }] });
        void client.invalidateQueries({ queryKey: ["GET jobs/:id/logs", { id }] });
      }),
    [id, client],
  );
  useTrailKeys(id);
  if (query.error instanceof CallError && query.error.status === 404) {
    return (
      <Empty icon="search" title="There is no such job">
        It has expired, or the id is of another storage. Finished jobs are kept as long as{" "}
        <code className="font-mono">retention</code> says.
      </Empty>
    );
  }
  return <Answered query={query}>{(job) => <JobView job={job} />}</Answered>;
}

function JobView({ job }: { readonly job: Job }): ReactElement {
  const newestFirst = job.history.map((item, number) => ({ item, number })).toReversed();
  return (
    <>
      <JobHead job={job} />
      <JobBanners job={job} />
      <JobTimeline job={job} />
      <div className="mt-4 grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_24rem]">
        <section aria-labelledby="history">
          <h2 id="history" className="sr-only">
            History
          </h2>
          <ol className="flex flex-col gap-3">
            {newestFirst.map(({ item, number }) => (
              <HistoryCard key={number} job={job} item={item} current={number === job.history.length - 1} />
            ))}
          </ol>
          {job.historyDropped > 0 && (
            <p className="p-3 text-muted">{job.historyDropped} older entries are no longer kept.</p>
          )}
        </section>
        <JobFacts job={job} />
      </div>
    </>
  );
}

function useTrailKeys(id: string): void {
  const navigate = useNavigate();
  const go = (step: 1 | -1) => {
    const to = neighbour(id, step);
    if (to !== undefined) void navigate({ to: "/jobs/$id", params: { id: to } });
  };
  useShortcuts([
    { keys: "]", label: "Next job of the list", group: "Job", run: () => go(1) },
    { keys: "[", label: "Job before in the list", group: "Job", run: () => go(-1) },
  ]);
}
