import type { ReactElement } from "react";
import { useCan } from "../../api/use-meta.ts";
import { Button } from "../../parts/button.tsx";
import { plural } from "../../parts/count.ts";
import type { JobState } from "../../parts/states.ts";
import type { BulkAction } from "./bulk-action.ts";

interface BulkBarProps {
  readonly state: JobState;
  readonly ids: readonly string[];
  readonly onAct: (action: BulkAction, ids: readonly string[]) => void;
  readonly onClear: () => void;
}

/** What can be done with the jobs that are selected; it stays in sight while the list scrolls. */
export function BulkBar({ state, ids, onAct, onClear }: BulkBarProps): ReactElement {
  const may = { requeue: useCan("requeue"), delete: useCan("delete"), reschedule: useCan("reschedule") };
  return (
    <section
      aria-label="Selected jobs"
      className="card sticky bottom-16 z-20 mx-auto flex w-fit max-w-full flex-wrap items-center gap-2 bg-raised py-2 pr-2 pl-4 shadow-xl md:bottom-4"
    >
      <span className="mr-2 font-medium">{plural(ids.length, "job")} selected</span>
      {may.requeue && (
        <Button icon="retry" onClick={() => onAct("requeue", ids)}>
          {state === "Scheduled" ? "Run now" : "Requeue"}
        </Button>
      )}
      {may.reschedule && (state === "Scheduled" || state === "Failed" || state === "Enqueued") && (
        <Button icon="clock" onClick={() => onAct("reschedule", ids)}>
          Reschedule
        </Button>
      )}
      {may.delete && state !== "Deleted" && (
        <Button icon="trash" onClick={() => onAct("delete", ids)}>
          Delete
        </Button>
      )}
      <Button look="quiet" onClick={onClear}>
        Clear
      </Button>
    </section>
  );
}
