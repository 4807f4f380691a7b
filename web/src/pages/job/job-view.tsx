import { useQueryClient } from "@tanstack/react-query";
import { type ReactElement, useEffect } from "react";
import type { Job } from "../../../../src/dashboard/api/index.ts";
import { CallError } from "../../api/call.ts";
import { watchJob } from "../../api/live-feed.ts";
import { useLiveQuery } from "../../api/use-live-query.ts";
import { Empty } from "../../parts/notice.tsx";
import { Answered } from "../../parts/pending.tsx";
import { HistoryCard } from "./history-card.tsx";
import { JobBanners } from "./job-banners.tsx";
import { JobFacts } from "./job-facts.tsx";
import { JobHead } from "./job-head.tsx";
import { JobTimeline } from "./job-timeline.tsx";

/** A stream tells of changes at once; this is for when there is none. */
const EVERY_MS = 2_000;

interface JobViewProps {
  readonly id: string;
  /** It stands beside a list, and has not the width of a page. */
  readonly beside?: boolean;
}

/** All of one job, for as long as it is looked at up to date. */
export function JobView({ id, beside = false }: JobViewProps): ReactElement {
  const client = useQueryClient();
  // What can be done stands on the page: until this job is there, none is, and certainly not the one before.
  const query = useLiveQuery("GET jobs/:id", { params: { id } }, { everyMs: EVERY_MS, keepsOld: false });
  useEffect(
    () =>
      watchJob(id, () => {
        void client.invalidateQueries({ queryKey: ["GET jobs/:id", { id }] });
        void client.invalidateQueries({ queryKey: ["GET jobs/:id/logs", { id }] });
      }),
    [id, client],
  );
  if (query.error instanceof CallError && query.error.status === 404) {
    return (
      <Empty icon="search" title="There is no such job">
        It has expired, or the id is of another storage. Finished jobs are kept as long as{" "}
        <code className="font-mono">retention</code> says.
      </Empty>
    );
  }
  return <Answered query={query}>{(job) => <Whole key={job.id} job={job} beside={beside} />}</Answered>;
}

function Whole({ job, beside }: { readonly job: Job; readonly beside: boolean }): ReactElement {
  const entries = job.history.map((item, at) => ({ item, at })).toReversed();
  return (
    <>
      <JobHead job={job} beside={beside} />
      <JobBanners job={job} />
      <JobTimeline job={job} />
      <div className={`mt-4 grid items-start gap-4 ${beside ? "" : "lg:grid-cols-[minmax(0,1fr)_24rem]"}`}>
        <section aria-labelledby="history">
          <h2 id="history" className="sr-only">
            History
          </h2>
          <ol className="flex flex-col gap-3">
            {entries.map(({ item, at }) => (
              <HistoryCard
                key={job.historyDropped + at}
                {...{ job, item, at }}
                current={at === job.history.length - 1}
              />
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
