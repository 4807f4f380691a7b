import { useNavigate } from "@tanstack/react-router";
import { lazy, type ReactElement, type ReactNode, Suspense, useMemo } from "react";
import type { Snapshot, StatisticsPoint } from "../../../../src/dashboard/api/index.ts";
import { useLiveQuery } from "../../api/use-live-query.ts";
import type { ChartData } from "../../parts/chart-data.ts";
import { Failure } from "../../parts/notice.tsx";
import { clockTime, minuteTime, weekdayOf } from "../../time/format-time.ts";
import { HOUR_MS, liveData, pointsData } from "./history-data.ts";
import type { Range } from "./range.ts";

const TimeChart = lazy(() => import("../../parts/time-chart.tsx"));

interface HistoryProps {
  readonly range: Range;
  readonly snapshot: Snapshot;
  readonly hours: readonly StatisticsPoint[];
}

/** What was finished and what failed, side by side and under one cursor. */
export function History(props: HistoryProps): ReactElement {
  if (props.range === "7d") return <Week at={props.snapshot.at} />;
  return <Recent {...props} />;
}

function Recent({ range, snapshot, hours }: HistoryProps): ReactElement {
  const live = range === "live";
  const hour = Math.floor(snapshot.at / HOUR_MS);
  const data = useMemo(
    () => (live ? liveData(snapshot) : pointsData(hours, hour, 24)),
    [live, snapshot, hours, hour],
  );
  const formatAt = live ? clockTime : minuteTime;
  return (
    <Charts
      data={data}
      kind={live ? "area" : "bars"}
      formatAt={formatAt}
      note={live ? "the last minute" : "by hour"}
      pickMs={live ? 0 : HOUR_MS}
    />
  );
}

function Week({ at }: { readonly at: number }): ReactElement {
  const hour = Math.floor(at / HOUR_MS);
  const query = useLiveQuery(
    "GET statistics",
    { query: { by: "hour", from: (hour - 167) * HOUR_MS } },
    { everyMs: 60_000 },
  );
  const points = query.data?.points;
  const data = useMemo(() => pointsData(points ?? [], hour, 168), [points, hour]);
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  return <Charts data={data} kind="bars" formatAt={weekdayAndHour} note="by hour" pickMs={HOUR_MS} />;
}

function weekdayAndHour(at: number, zone: string): string {
  return `${weekdayOf(at, zone)} ${minuteTime(at, zone)}`;
}

interface ChartsProps {
  readonly data: { readonly finished: ChartData; readonly failed: ChartData };
  readonly kind: "bars" | "area";
  readonly formatAt: (at: number, zone: string) => string;
  readonly note: string;
  /** How long a bar is; 0: it leads nowhere. */
  readonly pickMs: number;
}

function Charts({ data, kind, formatAt, note, pickMs }: ChartsProps): ReactElement {
  const navigate = useNavigate();
  const pickOf = (state: string) =>
    pickMs === 0
      ? {}
      : {
          onPick: (at: number) =>
            void navigate({ to: "/jobs", search: { state, since: String(at), before: String(at + pickMs) } }),
        };
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      <Panel title="Throughput" note={note}>
        <TimeChart
          label={`Throughput, ${note}`}
          data={data.finished}
          kind={kind}
          syncKey="overview"
          formatAt={formatAt}
          {...pickOf("Succeeded")}
        />
      </Panel>
      <Panel title="Failures" note={note}>
        <TimeChart
          label={`Failures, ${note}`}
          data={data.failed}
          kind={kind}
          syncKey="overview"
          formatAt={formatAt}
          {...pickOf("Failed")}
        />
      </Panel>
    </div>
  );
}

function Panel({
  title,
  note,
  children,
}: {
  readonly title: string;
  readonly note: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <section className="card min-w-0 px-4 pt-3 pb-2">
      <h2 className="mb-1 font-semibold">
        {title} <span className="font-normal text-muted">{note}</span>
      </h2>
      <Suspense fallback={<div className="shimmer h-47 rounded-md" />}>{children}</Suspense>
    </section>
  );
}
