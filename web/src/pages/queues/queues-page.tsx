import { Link } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import type { Queue } from "../../../../src/dashboard/api/index.ts";
import { useAction } from "../../api/use-action.ts";
import { useLiveQuery } from "../../api/use-live-query.ts";
import { useCan } from "../../api/use-meta.ts";
import { Button } from "../../parts/button.tsx";
import { formatCount, formatShort, plural } from "../../parts/count.ts";
import { Icon } from "../../parts/icon.tsx";
import { Banner, Empty } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Answered } from "../../parts/pending.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { formatDuration } from "../../time/format-duration.ts";
import { Instant, Since } from "../../time/instant.tsx";
import { PauseDialog } from "./pause-dialog.tsx";

/** How much waits where, for how long, and who works it off. */
export function QueuesPage(): ReactElement {
  const query = useLiveQuery("GET queues", {}, { everyMs: 3_000 });
  return (
    <>
      <PageHead title="Queues" />
      <Answered query={query}>
        {({ queues, countedTo, cut }) => (
          <>
            {queues.length === 0 && (
              <Empty icon="queues" title="Nothing waits, and nobody fetches">
                Queues show here when a job is ready in them, a server fetches from them, or they are paused.
              </Empty>
            )}
            <ul className="grid gap-3 xl:grid-cols-2">
              {queues.map((queue) => (
                <QueueCard
                  key={queue.queue}
                  queue={queue}
                  most={Math.max(1, ...queues.map(({ ready }) => ready))}
                />
              ))}
            </ul>
            {queues.length > 0 && (
              <p className="mt-3 text-xs text-muted">
                Ready jobs are counted up to {formatCount(countedTo)} for each queue.
              </p>
            )}
            {cut && (
              <Banner>
                There are more queues than are listed here. Those with the most to do come first.
              </Banner>
            )}
          </>
        )}
      </Answered>
    </>
  );
}

function QueueCard({ queue, most }: { readonly queue: Queue; readonly most: number }): ReactElement {
  const { queue: name, ready, readyIsBound, oldestAt, paused, consumers, slots, perMinute } = queue;
  const unserved = consumers.length === 0 && ready > 0;
  return (
    <li className={`card px-4 py-3 ${unserved && paused === null ? "border-failed" : ""}`}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="text-base font-semibold">
          <Link to="/jobs" search={{ state: "Enqueued", queue: name }} className="row-link">
            {visibleText(name)}
          </Link>
        </h2>
        {paused !== null && (
          <span className="inline-flex items-center gap-1 font-medium text-warning">
            <Icon name="pause" size={13} /> Paused
          </span>
        )}
        {unserved && paused === null && (
          <span className="inline-flex items-center gap-1 font-medium text-failed">
            <Icon name="errors" size={13} /> Nobody fetches from it
          </span>
        )}
        <span className="ml-auto">
          <PauseOrResume queue={queue} />
        </span>
      </div>
      <div className="mt-2 h-1.5 overflow-hidden rounded-full bg-sunken" aria-hidden="true">
        <div
          className={`h-full rounded-full ${paused === null ? "bg-enqueued" : "bg-warning"}`}
          style={{ width: `${(100 * ready) / most}%` }}
        />
      </div>
      <dl className="mt-3 grid grid-cols-2 gap-x-4 gap-y-2 sm:grid-cols-4">
        <Figure name="Ready" value={`${formatShort(ready)}${readyIsBound ? "+" : ""}`} />
        <Figure name="Oldest waits" value={oldestAt === null ? "–" : <Since at={oldestAt} />} />
        <Figure name="Change a minute" value={changeText(perMinute)} />
        <Figure name="Empty in" value={drainText(queue)} />
      </dl>
      {paused !== null && (
        <p className="mt-2 text-muted">
          Since <Instant at={paused.at} />
          {paused.note !== "" && <span className="text-ink">: {visibleText(paused.note)}</span>}
        </p>
      )}
      <p className="mt-2 truncate text-xs text-muted">
        {consumers.length === 0
          ? "No live server fetches from it."
          : `${plural(slots, "slot")} of ${visibleText(consumers.map((one) => one.name).join(", "))}`}
      </p>
    </li>
  );
}

/** The API tells by how many the ready ones become fewer. */
function changeText(perMinute: Queue["perMinute"]): string {
  if (perMinute === null) return "not known yet";
  const change = -Math.round(perMinute);
  return change === 0 ? "0" : `${change < 0 ? "−" : "+"}${formatShort(Math.abs(change))}`;
}

function drainText({ ready, perMinute, drainMs }: Queue): string {
  if (ready === 0) return "is empty";
  if (drainMs !== null) return formatDuration(drainMs);
  if (perMinute === null) return "not known yet";
  return perMinute < 0 ? "it grows" : "it stands still";
}

function Figure({
  name,
  value,
}: {
  readonly name: string;
  readonly value: ReactElement | string;
}): ReactElement {
  return (
    <div>
      <dt className="label-small">{name}</dt>
      <dd className="font-semibold">{value}</dd>
    </div>
  );
}

function PauseOrResume({ queue: { queue, paused } }: { readonly queue: Queue }): ReactElement | null {
  const [asking, setAsking] = useState(false);
  const resume = useAction("POST queues/:queue/resume", { done: `${queue} goes on.` });
  if (!useCan("pause-queue")) return null;
  if (paused !== null) {
    return (
      <Button icon="play" disabled={resume.busy} onClick={() => resume.run({ params: { queue } })}>
        Resume
      </Button>
    );
  }
  return (
    <>
      <Button icon="pause" onClick={() => setAsking(true)}>
        Pause
      </Button>
      {asking && <PauseDialog queue={queue} onClose={() => setAsking(false)} />}
    </>
  );
}
