import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Job, ShownError } from "../../../../src/dashboard/api/index.ts";
import { call } from "../../api/call.ts";
import { queryKeyOf } from "../../api/use-live-query.ts";
import { formatCount } from "../../parts/count.ts";
import { ErrorView } from "../../parts/error-view.tsx";
import { readStack } from "../../parts/stack-frames.ts";
import { diffWords } from "../../parts/text-diff.ts";
import { visibleText } from "../../parts/visible-text.ts";

interface AttemptErrorProps {
  readonly job: Job;
  /** Which entry of the history it is of. */
  readonly at: number;
  readonly error: ShownError;
}

/** The error of one run: beside that of the run before, and beside those of other jobs. */
export function AttemptError({ job, at, error }: AttemptErrorProps): ReactElement {
  const before = job.history.slice(0, at).findLast((item) => item.error !== null);
  const current = job.state === "Failed" && at === job.history.length - 1;
  return (
    <div className="mt-2">
      <ErrorView error={error} />
      {before?.error && <Compared before={before.error} attempt={before.attempt} now={error} />}
      {error.fingerprint && <SameElsewhere fingerprint={error.fingerprint} current={current} />}
    </div>
  );
}

interface ComparedProps {
  readonly before: ShownError;
  readonly attempt: number | null;
  readonly now: ShownError;
}

function Compared({ before, attempt, now }: ComparedProps): ReactElement {
  const run = attempt === null ? "the run before" : `run ${attempt}`;
  const rows = [
    { name: "Error", before: headOf(before), now: headOf(now) },
    { name: "Thrown", before: placeOf(before), now: placeOf(now) },
    { name: "Cause", before: causeOf(before), now: causeOf(now) },
  ].filter((row) => row.before !== row.now);
  if (rows.length === 0) return <p className="mt-2 text-muted">The same error as in {run}.</p>;
  return (
    <details className="mt-2">
      <summary className="w-fit rounded text-muted hover:text-ink">Not quite the error of {run}</summary>
      <dl className="mt-1 grid grid-cols-[4rem_minmax(0,1fr)] gap-x-3 gap-y-1 rounded-md bg-sunken px-3 py-2">
        {rows.map((row) => (
          <div key={row.name} className="contents">
            <dt className="text-muted">{row.name}</dt>
            <dd className="job-text">
              <Difference before={row.before} now={row.now} />
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** In colour, in line and in tag: what went is struck through, what came is underlined. */
function Difference({ before, now }: { readonly before: string; readonly now: string }): ReactElement[] {
  return diffWords(before, now).map(({ kind, text }, at) => {
    const shown = visibleText(text);
    if (kind === "gone") {
      return (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other name
        <del key={at} className="text-muted">
          {shown}
        </del>
      );
    }
    if (kind === "new") {
      return (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other name
        <ins key={at} className="font-semibold text-failed underline-offset-2">
          {shown}
        </ins>
      );
    }
    // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other name
    return <span key={at}>{shown}</span>;
  });
}

function headOf({ type, message, code }: ShownError): string {
  return `${type}${code === null ? "" : ` (${code})`}: ${message}`;
}

function placeOf({ stack }: ShownError): string {
  return stack === null ? "" : (readStack(stack).own[0]?.text ?? "");
}

function causeOf({ cause }: ShownError): string {
  return cause === null ? "" : headOf(cause);
}

const COUNT_FRESH_MS = 60_000;

/** How many jobs have failed like this, where it is the failure that stays; the count is what the errors page shows, too. */
function SameElsewhere({
  fingerprint,
  current,
}: {
  readonly fingerprint: string;
  readonly current: boolean;
}): ReactElement {
  const { data } = useQuery({
    queryKey: queryKeyOf("GET errors"),
    queryFn: ({ signal }) => call("GET errors", { signal }),
    enabled: current,
    staleTime: COUNT_FRESH_MS,
  });
  const count = data?.groups.find((group) => group.fingerprint === fingerprint)?.count;
  return (
    <Link
      to="/errors"
      search={{ open: fingerprint }}
      className="row-link mt-2 inline-block text-muted underline underline-offset-3"
    >
      {!current || count === undefined
        ? "All jobs that failed like this"
        : count === 1
          ? "Same error: no other job failed like this"
          : `Same error: ${formatCount(count)} failed jobs`}
    </Link>
  );
}
