import { type ReactElement, useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useIsDark } from "../theme/theme.ts";
import { minuteTime, shortTime } from "../time/format-time.ts";
import { useZone } from "../time/zone.ts";
import { type ChartData, stack } from "./chart-data.ts";
import { formatCount, formatShort } from "./count.ts";
import { mixedColour, tokenColour } from "./token-colour.ts";

export interface TimeChartProps {
  /** What it is, for those who do not see it. */
  readonly label: string;
  readonly data: ChartData;
  readonly kind: "bars" | "area";
  /** Charts with the same key have one cursor. */
  readonly syncKey: string;
  readonly formatAt?: (at: number, zone: string) => string;
  readonly onPick?: (at: number) => void;
  /** A part was marked by dragging over it: where it begins and ends. */
  readonly onZoom?: (span: { readonly from: number; readonly to: number }) => void;
}

const HEIGHT = 168;
/** Less is the hand that trembles in a click. */
const DRAG_PIXELS = 8;

/** Series over time, stacked, on a canvas outside of React: new data redraws, nothing else is made anew. */
export default function TimeChart({
  label,
  data,
  kind,
  syncKey,
  formatAt,
  onPick,
  onZoom,
}: TimeChartProps): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(null);
  const latest = useRef({ data, onPick, onZoom });
  latest.current = { data, onPick, onZoom };
  const zooms = onZoom !== undefined;
  const [hovered, setHovered] = useState<number | null>(null);
  const zone = useZone();
  const dark = useIsDark();
  const names = data.series.map((series) => series.label).join();

  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme, zone or set of series needs other options; new data do not
  useEffect(() => {
    if (box.current === null) return;
    const place = box.current;
    const options = optionsOf({
      data: latest.current.data,
      kind,
      syncKey,
      zone,
      width: place.clientWidth,
      formatAt,
      zooms,
    });
    options.hooks = {
      setCursor: [(plot) => setHovered(plot.cursor.idx ?? null)],
      // A change of its size tells of the mark, too, when there is none.
      setSelect: [(plot) => plot.select.width > 0 && latest.current.onZoom?.(takeSelection(plot))],
    };
    const made = new uPlot(options, stack(latest.current.data), place);
    made.over.addEventListener("click", () => {
      const at = latest.current.data.at[made.cursor.idx ?? -1];
      if (at !== undefined) latest.current.onPick?.(at);
    });
    chart.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: place.clientWidth, height: HEIGHT }));
    watch.observe(place);
    return () => {
      watch.disconnect();
      made.destroy();
    };
  }, [dark, zone, kind, syncKey, names, formatAt, zooms]);

  useEffect(() => chart.current?.setData(stack(data)), [data]);

  return (
    <figure>
      <Legend data={data} at={hovered} zone={zone} />
      <div
        ref={box}
        role="img"
        aria-label={`${label}: ${summaryOf(data)}`}
        className={`h-42 ${onPick ? "[&_.u-over]:cursor-pointer" : ""}`}
      />
    </figure>
  );
}

function Legend({
  data,
  at,
  zone,
}: {
  readonly data: ChartData;
  readonly at: number | null;
  readonly zone: string;
}): ReactElement {
  const time = at === null ? undefined : data.at[at];
  return (
    <figcaption className="flex min-h-5 flex-wrap gap-x-4 text-xs text-muted">
      {data.series.map(({ label, token, values }) => (
        <span key={label} className="inline-flex items-center gap-1.5">
          <span aria-hidden="true" className="size-2.5 rounded-xs" style={{ background: `var(${token})` }} />
          {label}
          <b className="font-semibold text-ink">
            {formatCount(Math.round(time === undefined ? sum(values) : (values[at ?? -1] ?? 0)))}
          </b>
        </span>
      ))}
      <span className="ml-auto">{time === undefined ? "in all" : shortTime(time, zone, Date.now())}</span>
    </figcaption>
  );
}

interface Wanted extends Pick<TimeChartProps, "data" | "kind" | "syncKey"> {
  readonly zone: string;
  readonly width: number;
  readonly formatAt: TimeChartProps["formatAt"];
  readonly zooms: boolean;
}

/** Bars stand over the beginning of their time: half of one is on either side of it. */
function halfBar({ data: [at] }: uPlot): number {
  const [first = 0, second = first] = at;
  return (second - first) / 2;
}

function withWholeBars(plot: uPlot, first: number, last: number): [number, number] {
  const half = halfBar(plot);
  return half === 0 ? [first - 1, last + 1] : [first - half, last + half];
}

/** What was marked, which is not marked any longer: the times of the bars that it covers. */
function takeSelection(plot: uPlot): { readonly from: number; readonly to: number } {
  const { left, width } = plot.select;
  const half = halfBar(plot);
  const instant = (pixels: number) => Math.round((plot.posToVal(pixels, "x") + half) * 1_000);
  const span = { from: instant(left), to: instant(left + width) };
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  return span;
}

function optionsOf({
  data,
  kind,
  syncKey,
  zone,
  width,
  formatAt = minuteTime,
  zooms,
}: Wanted): uPlot.Options {
  const muted = tokenColour("--muted");
  const grid = { stroke: tokenColour("--line"), width: 1 };
  const axis = {
    stroke: muted,
    grid,
    ticks: { show: false },
    font: "11px ui-sans-serif, system-ui, sans-serif",
  };
  const bars = kind === "bars" ? { paths: barsOf() } : {};
  return {
    ...{ width, height: HEIGHT, padding: [8, 18, 0, 0], legend: { show: false } },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), zone),
    cursor: {
      y: false,
      points: { show: kind === "area" },
      drag: { x: zooms, y: false, setScale: false, dist: DRAG_PIXELS },
      // The cursor is that of all, what is marked is not.
      sync: { key: syncKey, filters: { pub: isMove, sub: isMove } },
    },
    scales: {
      ...(kind === "bars" ? { x: { range: withWholeBars } } : {}),
      y: { range: (_, __, most) => [0, Math.max(4, most * 1.08)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        gap: 6,
        space: 64,
        values: (_, splits) => splits.map((at) => formatAt(at * 1_000, zone)),
      },
      {
        ...axis,
        size: 44,
        space: 36,
        values: (_, splits) => splits.map((count) => (Number.isInteger(count) ? formatShort(count) : "")),
      },
    ],
    series: [
      {},
      ...data.series.toReversed().map(({ label, token }) => {
        const colour = tokenColour(token);
        // Opaque in both: each covers what of the higher ones is not its own.
        const fill = kind === "bars" ? colour : mixedColour(token, "--surface");
        return {
          label,
          stroke: colour,
          fill,
          width: kind === "bars" ? 0 : 1.5,
          points: { show: false },
          ...bars,
        };
      }),
    ],
  };
}

function isMove(type: string): boolean {
  return type !== "mousedown" && type !== "mouseup";
}

function barsOf(): uPlot.Series.PathBuilder {
  const paths = uPlot.paths.bars?.({ size: [0.72, 28], radius: 0.12 });
  if (paths === undefined) throw new Error("This build of uPlot draws no bars.");
  return paths;
}

function summaryOf({ series }: ChartData): string {
  return series
    .map(({ label, values }) => `${formatCount(Math.round(sum(values)))} ${label.toLowerCase()}`)
    .join(", ");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
