import { type ReactElement, useMemo } from "react";
import type { Snapshot, StatisticsPoint } from "../../../../src/dashboard/api/index.ts";
import { useLiveQuery } from "../../api/use-live-query.ts";
import { Failure } from "../../parts/notice.tsx";
import { clockTime, dayOf, minuteTime, weekdayOf } from "../../time/format-time.ts";
import { useZone } from "../../time/zone.ts";
import { HistoryCharts } from "./history-charts.tsx";
import { type Bars, daysOf, HOUR_MS, hoursOf, liveData, pointsData } from "./history-data.ts";
import type { Range, Span } from "./range.ts";

interface HistoryProps {
  readonly range: Range;
  /** A part that was drawn on a chart; undefined: the whole range. */
  readonly span: Span | undefined;
  readonly snapshot: Snapshot;
  readonly hours: readonly StatisticsPoint[];
  readonly onZoom: (span: Span) => void;
}

const LIVE_NOTE = "the last minute";
const HOUR_NOTE = "by hour";
const DAYS = 30;

/** What was finished and what failed, side by side and under one cursor. */
export function History({ range, span, snapshot, hours, onZoom }: HistoryProps): ReactElement {
  const zone = useZone();
  const hour = Math.floor(snapshot.at / HOUR_MS) + 1;
  const today = dayOf(snapshot.at, zone);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the day that it is, not each second of it
  const bars = useMemo(() => {
    if (span !== undefined) return hoursOf(span);
    if (range === "30d") return daysOf(snapshot.at, zone, DAYS);
    return hoursOf({ from: (hour - (range === "7d" ? 168 : 24)) * HOUR_MS, to: hour * HOUR_MS });
  }, [range, span, zone, hour, today]);
  if (range === "live" && span === undefined) return <Live snapshot={snapshot} />;
  if (range === "24h" && span === undefined) return <LastDay {...{ bars, hours, onZoom }} />;
  return <Asked bars={bars} by={span === undefined && range === "30d" ? "day" : "hour"} onZoom={onZoom} />;
}

function Live({ snapshot }: { readonly snapshot: Snapshot }): ReactElement {
  const data = useMemo(() => liveData(snapshot), [snapshot]);
  return <HistoryCharts data={data} kind="area" formatAt={clockTime} note={LIVE_NOTE} />;
}

interface BarsProps {
  readonly bars: Bars;
  readonly onZoom: (span: Span) => void;
}

function LastDay({
  bars,
  hours,
  onZoom,
}: BarsProps & { readonly hours: readonly StatisticsPoint[] }): ReactElement {
  const data = useMemo(() => pointsData(hours, bars), [hours, bars]);
  return <HistoryCharts {...{ data, bars, onZoom }} kind="bars" formatAt={minuteTime} note={HOUR_NOTE} />;
}

function Asked({ bars, by, onZoom }: BarsProps & { readonly by: "hour" | "day" }): ReactElement {
  const timeZone = useZone();
  const query = useLiveQuery(
    "GET statistics",
    { query: { by, from: bars.starts[0] ?? 0, to: bars.end, ...(by === "day" ? { timeZone } : {}) } },
    { everyMs: 60_000 },
  );
  const points = query.data?.points;
  const data = useMemo(() => pointsData(points ?? [], bars), [points, bars]);
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  const formatAt = by === "day" ? monthAndDay : weekdayAndHour;
  const note = by === "day" ? "by day" : HOUR_NOTE;
  return <HistoryCharts {...{ data, bars, onZoom, formatAt, note }} kind="bars" />;
}

function weekdayAndHour(at: number, zone: string): string {
  return `${weekdayOf(at, zone)} ${minuteTime(at, zone)}`;
}

function monthAndDay(at: number, zone: string): string {
  return dayOf(at, zone).slice(5);
}
