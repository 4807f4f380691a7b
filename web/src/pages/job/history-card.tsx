import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { HistoryItem, Job, JobProgress } from "../../../../src/dashboard/api/index.ts";
import { JsonTree } from "../../parts/json-tree.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import { ValueView } from "../../parts/value-view.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { formatDuration } from "../../time/format-duration.ts";
import { Ago, Instant } from "../../time/instant.tsx";
import { AttemptError } from "./attempt-error.tsx";
import { AttemptLog } from "./attempt-log.tsx";

interface HistoryCardProps {
  readonly job: Job;
  readonly item: HistoryItem;
  /** Which entry of the history it is. */
  readonly at: number;
  /** The state that the job is in now. */
  readonly current: boolean;
}

/** One state that the job was in, with all that it left. */
export function HistoryCard({ job, item, at: number, current }: HistoryCardProps): ReactElement {
  const { state, at, reason, attempt, server, durationMs, latencyMs, error, result, resultOmitted, data } =
    item;
  const running = current && state === "Processing";
  const facts = [
    attempt !== null && (state === "Processing" || state === "Failed") ? `run ${attempt}` : "",
    durationMs !== null ? `ran for ${formatDuration(durationMs)}` : "",
    latencyMs !== null ? `after ${formatDuration(latencyMs)} of waiting` : "",
  ].filter(Boolean);
  return (
    <li className={`card px-4 py-3 ${current ? "border-line-strong" : ""}`}>
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h3>
          <StateMark state={state} strong />
        </h3>
        <span className="text-muted">{facts.join(", ")}</span>
        <span className="ml-auto">
          <Instant at={at} />
        </span>
      </div>
      {reason !== null && <p className="job-text mt-1 font-sans! text-sm!">{visibleText(reason)}</p>}
      {current && state === "Scheduled" && job.dueAt !== null && (
        <p className="mt-1">
          It runs{" "}
          <b className="font-semibold">
            <Ago at={job.dueAt} />
          </b>
          .
        </p>
      )}
      {state === "Processing" && server?.incarnation && (
        <p className="mt-1 text-muted">
          on{" "}
          <Link to="/servers" hash={server.incarnation} className="row-link text-ink">
            {visibleText(server.name ?? server.incarnation)}
          </Link>
        </p>
      )}
      {state === "Processing" && job.progress !== null && isOf(job.progress, attempt, running) && (
        <ProgressBar progress={job.progress} />
      )}
      {state === "Processing" && <AttemptLog job={job} attempt={attempt} live={running} />}
      {error !== null && <AttemptError job={job} at={number} error={error} />}
      {result !== null && (
        <div className="mt-2">
          <ValueView value={result} label="the result" id={job.id} part="result" />
        </div>
      )}
      {resultOmitted !== null && (
        <p className="mt-1 text-warning">The result was not stored: {visibleText(resultOmitted)}</p>
      )}
      {Object.keys(data).length > 0 && (
        <div className="mt-2">
          <JsonTree value={data} />
        </div>
      )}
    </li>
  );
}

/** A run that has told nothing yet has not the progress of the run before. */
function isOf(progress: JobProgress, attempt: number | null, running: boolean): boolean {
  return attempt === null ? running : progress.attempt === attempt;
}

function ProgressBar({ progress: { value, text, at } }: { readonly progress: JobProgress }): ReactElement {
  const isShare = value >= 0 && value <= 100;
  const shown = value.toFixed(value % 1 === 0 ? 0 : 1);
  return (
    <div className="mt-3">
      <div className="mb-1 flex justify-between gap-4 text-xs">
        <span className="job-text min-w-0">{visibleText(text ?? "Progress")}</span>
        <span className="shrink-0 text-muted">
          {isShare ? `${shown} %` : shown} · <Ago at={at} />
        </span>
      </div>
      {isShare && (
        <div
          role="progressbar"
          aria-label={visibleText(text ?? "Progress")}
          aria-valuenow={value}
          aria-valuemin={0}
          aria-valuemax={100}
          className="h-2 overflow-hidden rounded-full bg-sunken ring-1 ring-line"
        >
          <div
            className="h-full bg-processing transition-[width] duration-500"
            style={{ width: `${value}%` }}
          />
        </div>
      )}
    </div>
  );
}
