import { type ReactElement, useEffect, useRef, useState } from "react";
import type { Job, JobLogLine } from "../../../../src/dashboard/api/index.ts";
import { useLiveQuery } from "../../api/use-live-query.ts";
import { Button } from "../../parts/button.tsx";
import { formatCount } from "../../parts/count.ts";
import { saveFile } from "../../parts/save-file.ts";
import { useSettled } from "../../parts/use-settled.ts";
import { visibleText } from "../../parts/visible-text.ts";
import { clockTime } from "../../time/format-time.ts";
import { useZone } from "../../time/zone.ts";

const TYPING_MS = 200;
/** Of one answer. */
const MOST_LINES = 1_000;

interface AttemptLogProps {
  readonly job: Job;
  readonly attempt: number | null;
  /** It may still grow: the end is kept in sight unless people have scrolled away from it. */
  readonly live: boolean;
}

/** What one run has said. */
export function AttemptLog({ job, attempt, live }: AttemptLogProps): ReactElement | null {
  const [search, setSearch] = useState("");
  const [whole, setWhole] = useState(false);
  const wanted = useSettled(search.trim(), TYPING_MS);
  const asks = wanted !== "" || whole;
  const query = {
    limit: MOST_LINES,
    ...(attempt === null ? {} : { attempt }),
    ...(wanted === "" ? {} : { search: wanted }),
  };
  const all = useLiveQuery(
    "GET jobs/:id/logs",
    { params: { id: job.id }, query },
    { enabled: asks, everyMs: live ? 2_000 : 0 },
  );
  const told = job.logs.filter((line) => attempt === null || line.attempt === attempt);
  const lines = asks ? (all.data?.lines ?? told) : told;
  if (told.length === 0 && !job.logsCut) {
    return live ? <p className="mt-2 text-xs text-muted">It has logged nothing so far.</p> : null;
  }
  return (
    <div className="mt-3">
      <div className="mb-1.5 flex items-center gap-2">
        <h4 className="label-small">Log</h4>
        <input
          aria-label="Search the log"
          placeholder="Search"
          className="field ml-auto h-7 w-36 text-xs"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <Button small look="quiet" onClick={() => download(job.id, lines)}>
          Download
        </Button>
      </div>
      {job.logsCut && !asks && (
        <Button small className="mb-1.5" onClick={() => setWhole(true)}>
          Only the last lines are here: load more
        </Button>
      )}
      <Lines lines={lines} live={live} />
      {asks && all.data?.next != null && (
        <p className="mb-1.5 text-xs text-muted">
          The last {formatCount(MOST_LINES)} lines. Search for a word to find older ones.
        </p>
      )}
      {all.error && <p className="mb-1.5 text-xs text-failed">{all.error.message}</p>}
      {asks && lines.length === 0 && !all.isFetching && (
        <p className="mt-1 text-xs text-muted">No line of this run says that. Search for less.</p>
      )}
    </div>
  );
}

function Lines({
  lines,
  live,
}: {
  readonly lines: readonly JobLogLine[];
  readonly live: boolean;
}): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const zone = useZone();
  useEffect(() => {
    if (live && follows.current) box.current?.scrollTo({ top: box.current.scrollHeight });
  }); // after every render: that is when lines may have come
  return (
    <div
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
      tabIndex={0}
      role="log"
      aria-label="Log lines"
      aria-live="off"
      className="max-h-80 overflow-auto rounded-md bg-sunken py-1.5"
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        follows.current = scrollHeight - scrollTop - clientHeight < 24;
      }}
    >
      {lines.map(({ at, text, data }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end
        <div key={index} className="flex gap-3 px-3 hover:bg-hover">
          <time dateTime={new Date(at).toISOString()} className="job-text shrink-0 text-muted">
            {clockTime(at, zone)}
          </time>
          <span className="job-text min-w-0">
            {visibleText(text)}
            {data !== null && <span className="text-muted"> {visibleText(JSON.stringify(data))}</span>}
          </span>
        </div>
      ))}
    </div>
  );
}

function download(id: string, lines: readonly JobLogLine[]): void {
  const text = lines.map(
    (line) =>
      `${new Date(line.at).toISOString()} [${line.attempt}] ${line.text}${line.data === null ? "" : ` ${JSON.stringify(line.data)}`}\n`,
  );
  saveFile(`${id}.log`, "text/plain", text);
}
