import { Link, useNavigate } from "@tanstack/react-router";
import { lazy, type ReactElement, type ReactNode, Suspense } from "react";
import type { ChartData } from "../../parts/chart-data.ts";
import { formatCount } from "../../parts/count.ts";
import { ScrollBox } from "../../parts/scroll-box.tsx";
import { shortTime } from "../../time/format-time.ts";
import { useZone } from "../../time/zone.ts";
import type { Bars, HistoryData } from "./history-data.ts";
import type { Span } from "./range.ts";

const TimeChart = lazy(() => import("../../parts/time-chart.tsx"));

interface HistoryChartsProps {
  readonly data: HistoryData;
  readonly kind: "bars" | "area";
  readonly formatAt: (at: number, zone: string) => string;
  readonly note: string;
  /** Where a bar ends; left out: bars lead nowhere. */
  readonly bars?: Bars;
  readonly onZoom?: (span: Span) => void;
}

export function HistoryCharts({ data, ...rest }: HistoryChartsProps): ReactElement {
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      <HistoryChart title="Throughput" state="Succeeded" data={data.finished} {...rest} />
      <HistoryChart title="Failures" state="Failed" data={data.failed} {...rest} />
    </div>
  );
}

interface HistoryChartProps extends Omit<HistoryChartsProps, "data"> {
  readonly title: string;
  /** Of the jobs that a bar leads to. */
  readonly state: "Succeeded" | "Failed";
  readonly data: ChartData;
}

function HistoryChart(props: HistoryChartProps): ReactElement {
  const { title, state, data, kind, formatAt, note, bars, onZoom } = props;
  const navigate = useNavigate();
  const pick = (at: number) => {
    if (bars !== undefined) void navigate({ to: "/jobs", search: { state, ...barOf(bars, at) } });
  };
  return (
    <section className="card min-w-0 px-4 pt-3 pb-2">
      <h2 className="mb-1 font-semibold">
        {title} <span className="font-normal text-muted">{note}</span>
      </h2>
      <Suspense fallback={<div className="shimmer h-47 rounded-md" />}>
        <TimeChart
          {...{ label: `${title}, ${note}`, data, kind, formatAt, syncKey: "overview" }}
          {...(bars === undefined ? {} : { onPick: pick })}
          {...(onZoom === undefined ? {} : { onZoom })}
        />
      </Suspense>
      {bars !== undefined && (
        <AsNumbers title={title}>
          <Numbers {...{ title, state, data, bars }} />
        </AsNumbers>
      )}
    </section>
  );
}

/** A canvas says nothing to who does not see it, and takes no keys: this does both. */
function AsNumbers({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <details>
      <summary className="w-fit rounded text-xs text-muted hover:text-ink">
        As numbers<span className="sr-only">: {title}</span>
      </summary>
      {children}
    </details>
  );
}

interface NumbersProps {
  readonly title: string;
  readonly state: string;
  readonly data: ChartData;
  readonly bars: Bars;
}

/** The newest first. Bars in which nothing happened are left out. */
function Numbers({ title, state, data, bars }: NumbersProps): ReactElement {
  const zone = useZone();
  const rows = data.at
    .map((at, index) => ({ at, counts: data.series.map(({ values }) => values[index] ?? 0) }))
    .filter(({ counts }) => counts.some((count) => count > 0))
    .toReversed();
  if (rows.length === 0) return <p className="py-2 text-muted">Nothing happened in this time.</p>;
  return (
    <ScrollBox label={`${title} as numbers`} className="mt-1 max-h-60">
      <table className="w-full">
        <thead>
          <tr className="label-small text-right">
            <th scope="col" className="px-3 py-1 text-left">
              From
            </th>
            {data.series.map(({ label }) => (
              <th key={label} scope="col" className="px-3 py-1">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ at, counts }) => (
            <tr key={at} className="text-right hover:bg-hover">
              <th scope="row" className="px-3 py-0.5 text-left font-normal">
                <Link
                  to="/jobs"
                  search={{ state, ...barOf(bars, at) }}
                  className="row-link underline underline-offset-3"
                >
                  {shortTime(at, zone, 0)}
                </Link>
              </th>
              {counts.map((count, index) => (
                <td key={data.series[index]?.label} className="px-3 py-0.5">
                  {formatCount(count)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function barOf({ starts, end }: Bars, at: number): { readonly since: string; readonly before: string } {
  return { since: String(at), before: String(starts.find((start) => start > at) ?? end) };
}
