import { getRouteApi } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useFeed } from "../../api/live-feed.ts";
import { useLiveQuery } from "../../api/use-live-query.ts";
import { PageHead } from "../../parts/page-head.tsx";
import { Answered } from "../../parts/pending.tsx";
import { Segmented } from "../../parts/segmented.tsx";
import { AttentionList } from "./attention-list.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { History } from "./history.tsx";
import { RANGES } from "./range.ts";
import { RecentOperations } from "./recent-operations.tsx";
import { StateTiles } from "./state-tiles.tsx";
import { UpcomingRuns } from "./upcoming-runs.tsx";
import { VitalTiles } from "./vital-tiles.tsx";

const route = getRouteApi("/");

/** Whether all is well, and where it is not. */
export function OverviewPage(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const range = RANGES.find(({ value }) => value === search.range)?.value ?? "live";
  const query = useLiveQuery("GET overview", {}, { everyMs: 5_000 });
  const { snapshot } = useFeed();
  return (
    <>
      <PageHead title="Overview">
        <Segmented
          label="Range of the charts"
          options={RANGES}
          value={range}
          onPick={(value) => void navigate({ search: value === "live" ? {} : { range: value } })}
        />
      </PageHead>
      <Answered query={query}>
        {(overview) => {
          if (overview.isEmpty) return <FirstSteps />;
          const now = snapshot ?? overview.snapshot;
          return (
            <div className="flex flex-col gap-4">
              <AttentionList items={overview.attention} />
              <VitalTiles snapshot={now} overview={overview} />
              <History range={range} snapshot={now} hours={overview.hours} />
              <StateTiles counts={now.counts} />
              <div className="grid items-start gap-4 lg:grid-cols-2">
                <UpcomingRuns rows={overview.upcoming} />
                <RecentOperations rows={overview.operations} />
              </div>
            </div>
          );
        }}
      </Answered>
    </>
  );
}
