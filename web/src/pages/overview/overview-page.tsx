import { getRouteApi } from "@tanstack/react-router";
import { type ReactElement, useMemo } from "react";
import { useFeed } from "../../api/live-feed.ts";
import { useLiveQuery } from "../../api/use-live-query.ts";
import { Button } from "../../parts/button.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Answered } from "../../parts/pending.tsx";
import { Segmented } from "../../parts/segmented.tsx";
import { dayOf, minuteTime } from "../../time/format-time.ts";
import { useZone } from "../../time/zone.ts";
import { AttentionList } from "./attention-list.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { History } from "./history.tsx";
import { RANGES, type Span, spanOf, wholeHours } from "./range.ts";
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
  const { from, to } = search;
  const span = useMemo(() => spanOf(from, to), [from, to]);
  const zoom = (drawn: Span | undefined) => {
    const kept = range === "live" ? {} : { range };
    const hours = drawn === undefined ? undefined : wholeHours(drawn);
    const part = hours === undefined ? {} : { from: String(hours.from), to: String(hours.to) };
    void navigate({ search: { ...kept, ...part }, resetScroll: false });
  };
  return (
    <>
      <PageHead title="Overview">
        {span !== undefined && <Zoomed span={span} onEnd={() => zoom(undefined)} />}
        <Segmented
          label="Range of the charts"
          options={RANGES}
          value={range}
          onPick={(value) =>
            void navigate({ search: value === "live" ? {} : { range: value }, resetScroll: false })
          }
        />
      </PageHead>
      <Answered query={query}>
        {(overview) => {
          if (overview.isEmpty) return <FirstSteps />;
          const now = snapshot ?? overview.snapshot;
          return (
            <div className="flex flex-col gap-4">
              <AttentionList items={overview.attention} incomplete={overview.incomplete !== null} />
              <VitalTiles snapshot={now} overview={overview} />
              <History {...{ range, span, snapshot: now, hours: overview.hours, onZoom: zoom }} />
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

/** Which part of the time the charts show, and the way back to all of it. */
function Zoomed({ span, onEnd }: { readonly span: Span; readonly onEnd: () => void }): ReactElement {
  const zone = useZone();
  const sameDay = dayOf(span.from, zone) === dayOf(span.to, zone);
  return (
    <span className="flex items-center gap-1 text-muted">
      {dayAndMinute(span.from, zone)} – {sameDay ? minuteTime(span.to, zone) : dayAndMinute(span.to, zone)}
      <Button small look="quiet" icon="close" onClick={onEnd}>
        Whole range
      </Button>
    </span>
  );
}

function dayAndMinute(at: number, zone: string): string {
  return `${dayOf(at, zone).slice(5)} ${minuteTime(at, zone)}`;
}
