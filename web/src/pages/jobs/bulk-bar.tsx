import type { ReactElement } from "react";
import { useCan } from "../../api/use-meta.ts";
import { Button } from "../../parts/button.tsx";
import { plural } from "../../parts/count.ts";
import type { BulkAction } from "./bulk-action.ts";
import type { ListState } from "./job-search.ts";

interface BulkBarProps {
  readonly state: ListState;
  readonly ids: readonly string[];
  /** What selecting everything would mean; undefined where nothing can be done with it. */
  readonly all: string | undefined;
  readonly onAct: (action: BulkAction, ids: readonly string[]) => void;
  readonly onAll: () => void;
  readonly onExport: () => void;
  readonly onClear: () => void;
}

/** What can be done with the jobs that are selected; it stays in sight while the list scrolls. */
export function BulkBar(props: BulkBarProps): ReactElement {
  const { state, ids, all, onAct, onAll, onExport, onClear } = props;
  const may = { requeue: useCan("requeue"), delete: useCan("delete"), reschedule: useCan("reschedule") };
  return (
    <section
      aria-label="Selected jobs"
      className="card sticky bottom-16 z-20 mx-auto flex w-fit max-w-full flex-wrap items-center gap-2 bg-raised py-2 pr-2 pl-4 shadow-xl md:bottom-4"
    >
      <span className="mr-2 font-medium">{plural(ids.length, "job")} selected</span>
      {all !== undefined && (
        <Button look="quiet" onClick={onAll}>
          {all}
        </Button>
      )}
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
      <Button
        icon="save"
        title="A line of JSON for each, as the list knows them: with arguments when these are shown"
        onClick={onExport}
      >
        Export
      </Button>
      <Button look="quiet" onClick={onClear}>
        Clear
      </Button>
    </section>
  );
}
