import type { ReactElement } from "react";

const MOST = 100;

/** A square for each slot, filled where a job runs. */
export function Slots({
  count,
  busy,
  live,
}: {
  readonly count: number;
  readonly busy: number;
  readonly live: boolean;
}): ReactElement {
  const shown = Math.min(count, MOST);
  // Of more slots than fit, each square stands for several.
  const filled = Math.min(shown, Math.ceil((busy / Math.max(1, count)) * shown));
  return (
    <div className="flex items-center gap-3">
      <div
        role="img"
        aria-label={`${busy} of ${count} slots busy`}
        className="flex flex-1 flex-wrap gap-0.75"
      >
        {Array.from({ length: shown }, (_, at) => at).map((place) => (
          <span
            key={place}
            className={`size-3 rounded-xs ${place < filled ? (live ? "bg-processing" : "bg-failed") : "bg-sunken ring-1 ring-line ring-inset"}`}
          />
        ))}
      </div>
      <span className="text-xs whitespace-nowrap text-muted">
        <b className="font-semibold text-ink">{busy}</b> of {count} busy
      </span>
    </div>
  );
}
