import { Link } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import type { Overview, Snapshot, StatisticsPoint } from "../../../../src/dashboard/api/index.ts";
import { formatCount, formatRate, formatShort } from "../../parts/count.ts";
import { Sparkline } from "../../parts/sparkline.tsx";
import { formatDuration } from "../../time/format-duration.ts";

/** Five numbers that say whether it keeps up. */
export function VitalTiles({
  snapshot,
  overview,
}: {
  readonly snapshot: Snapshot;
  readonly overview: Overview;
}): ReactElement {
  const { minute, ready, busy, slots } = snapshot;
  const rate = rateOf(minute);
  const day = total(overview.hours);
  const before = total(overview.hoursWeekBefore);
  return (
    <section aria-label="Vital signs" className="grid grid-cols-2 gap-3 lg:grid-cols-5">
      <Tile label="Finished a second" value={formatRate(rate)} hint="over the last minute">
        <Sparkline values={minute.map(({ succeeded }) => succeeded)} className="text-succeeded" />
      </Tile>
      <Tile
        label="Finished in 24 h"
        value={formatShort(day.finished)}
        hint={compare(day.finished, before.finished)}
      >
        <Sparkline values={overview.hours.map(({ succeeded }) => succeeded)} className="text-succeeded" />
      </Tile>
      <Tile
        label="Failed in 24 h"
        value={share(day)}
        to="/errors"
        alarming={day.failed > 0.01 * (day.finished + day.failed)}
        hint={`${formatShort(day.failed)} jobs, before ${share(before)}`}
        told={`${formatCount(day.failed)} jobs; in the same hours a week before, ${share(before)}`}
      >
        <Sparkline values={overview.hours.map(({ failed }) => failed)} className="text-failed" />
      </Tile>
      <Tile label="Backlog" value={formatShort(ready)} hint={drain(ready, rate)} to="/queues">
        <Sparkline values={minute.map(({ enqueued }) => enqueued)} className="text-enqueued" />
      </Tile>
      <Tile
        label="Slots busy"
        value={`${formatCount(Math.min(busy, slots))} / ${formatCount(slots)}`}
        hint={slotHint(busy, slots)}
        to="/servers"
      >
        <Meter share={slots === 0 ? 0 : busy / slots} />
      </Tile>
    </section>
  );
}

function Tile({
  label,
  value,
  hint,
  told = hint,
  alarming = false,
  to,
  children,
}: {
  readonly label: string;
  readonly value: string;
  readonly hint: string;
  /** The hint in full, where there is no room for it. */
  readonly told?: string;
  readonly alarming?: boolean;
  /** Where more is to be seen of it. */
  readonly to?: "/servers" | "/errors" | "/queues";
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className="card relative flex min-w-0 flex-col px-3 pt-2 pb-2.5 last:max-lg:col-span-2 has-[a:hover]:bg-hover">
      <span className="label-small">
        {to === undefined ? (
          label
        ) : (
          // The whole tile is its target, and shows where the focus is.
          <Link
            to={to}
            className="after:absolute after:inset-0 after:rounded-lg focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-accent"
          >
            {label}
          </Link>
        )}
      </span>
      <span className={`text-xl font-semibold tracking-tight ${alarming ? "text-failed" : ""}`}>{value}</span>
      <span className="mb-2 truncate text-xs text-muted" title={told}>
        {hint}
      </span>
      <div className="mt-auto flex h-6 items-center">{children}</div>
    </div>
  );
}

function Meter({ share: part }: { readonly share: number }): ReactElement {
  return (
    <span aria-hidden="true" className="h-2 w-full overflow-hidden rounded-full bg-sunken ring-1 ring-line">
      <span className="block h-full bg-processing" style={{ width: `${Math.min(100, part * 100)}%` }} />
    </span>
  );
}

interface Total {
  readonly finished: number;
  readonly failed: number;
}

function total(hours: readonly StatisticsPoint[]): Total {
  const sum = (of: (point: StatisticsPoint) => number) => hours.reduce((all, point) => all + of(point), 0);
  return { finished: sum(({ succeeded }) => succeeded), failed: sum(({ failed }) => failed) };
}

function share({ finished, failed }: Total): string {
  const all = finished + failed;
  if (all === 0 || failed === 0) return "0 %";
  const percent = (100 * failed) / all;
  return percent < 0.1 ? "< 0.1 %" : `${percent.toFixed(percent < 10 ? 1 : 0)} %`;
}

function compare(now: number, before: number): string {
  if (before === 0) return "nothing a week before";
  const percent = Math.round((100 * (now - before)) / before);
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent)} % on the week before`;
}

function rateOf(minute: Snapshot["minute"]): number {
  const [first, last] = [minute[0], minute.at(-1)];
  if (first === undefined || last === undefined || last.at === first.at) return 0;
  const finished = minute.slice(1).reduce((sum, { succeeded }) => sum + succeeded, 0);
  return (1_000 * finished) / (last.at - first.at);
}

/** Servers claim some jobs ahead, which are Processing and wait in their memory for a slot. */
function slotHint(busy: number, slots: number): string {
  if (slots === 0) return "no live server";
  if (busy > slots) return `all, and ${formatCount(busy - slots)} claimed ahead`;
  return `${Math.round((100 * busy) / slots)} % in use`;
}

function drain(ready: number, rate: number): string {
  if (ready === 0) return "nothing waits";
  return rate === 0 ? "nothing finishes just now" : `${formatDuration((1_000 * ready) / rate)} at this rate`;
}
