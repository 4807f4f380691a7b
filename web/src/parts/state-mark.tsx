import type { ReactElement } from "react";
import { type JobState, STATE_COLOUR } from "./states.ts";

const line = { fill: "none", stroke: "currentColor", strokeWidth: 1.75, strokeLinecap: "round" } as const;
const cut = { ...line, stroke: "var(--surface)", strokeWidth: 1.9, strokeLinejoin: "round" } as const;

/** Each state has a shape of its own: who sees no colours loses nothing. */
const SHAPES: Readonly<Record<JobState, ReactElement>> = {
  Enqueued: <circle cx="8" cy="8" r="5.5" {...line} />,
  Processing: (
    <>
      <circle cx="8" cy="8" r="5.5" {...line} />
      <path d="M8 3a5 5 0 0 1 0 10z" fill="currentColor" />
    </>
  ),
  Scheduled: (
    <>
      <circle cx="8" cy="8" r="5.5" {...line} />
      <path d="M8 5v3.2l2 1.3" {...line} strokeWidth={1.5} />
    </>
  ),
  Awaiting: <circle cx="8" cy="8" r="5.5" {...line} strokeDasharray="2.3 3.45" />,
  Succeeded: (
    <>
      <circle cx="8" cy="8" r="6.4" fill="currentColor" />
      <path d="m5.2 8.2 2 2 3.7-4.2" {...cut} />
    </>
  ),
  Failed: (
    <>
      <path d="M8 .9 15.1 8 8 15.1.9 8z" fill="currentColor" />
      <path d="m6 6 4 4m0-4-4 4" {...cut} />
    </>
  ),
  Deleted: (
    <>
      <rect x="2.5" y="2.5" width="11" height="11" rx="2" {...line} />
      <path d="M5.5 8h5" {...line} />
    </>
  ),
};

export function StateShape({
  state,
  size = 14,
}: {
  readonly state: JobState;
  readonly size?: number;
}): ReactElement {
  return (
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      aria-hidden="true"
      className={`shrink-0 self-center ${STATE_COLOUR[state]}`}
    >
      {SHAPES[state]}
    </svg>
  );
}

/** Shape, colour and word. */
export function StateMark({
  state,
  strong,
}: {
  readonly state: JobState;
  readonly strong?: boolean;
}): ReactElement {
  return (
    <span className={`inline-flex items-baseline gap-1.5 whitespace-nowrap ${strong ? "font-semibold" : ""}`}>
      <StateShape state={state} />
      <span className={STATE_COLOUR[state]}>{state}</span>
    </span>
  );
}
