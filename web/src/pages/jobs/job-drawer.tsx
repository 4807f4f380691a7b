import { type ReactElement, useEffect, useRef } from "react";
import type { JobRow } from "../../../../src/dashboard/api/index.ts";
import { useShortcuts } from "../../app/shortcuts.ts";
import { Button, IconButton } from "../../parts/button.tsx";
import { formatCount } from "../../parts/count.ts";
import { JobView } from "../job/job-view.tsx";

interface JobDrawerProps {
  readonly id: string;
  readonly rows: readonly JobRow[];
  readonly hasMore: boolean;
  /** The rows after the last one are wanted. */
  readonly onMore: () => void;
  readonly onStep: (id: string) => void;
  readonly onWhole: () => void;
  readonly onClose: () => void;
}

/**
 * A job beside the list that it is of. It is no dialog: the list stays there, for the eyes and for its keys. The focus goes
 * in when it opens, and back to the row when it closes.
 */
export default function JobDrawer(props: JobDrawerProps): ReactElement {
  const { id, rows, hasMore, onMore, onStep, onWhole, onClose } = props;
  const box = useRef<HTMLElement>(null);
  const at = rows.findIndex((row) => row.id === id);
  const [before, after] = at < 0 ? [undefined, rows[0]] : [rows[at - 1], rows[at + 1]];
  const step = (row: JobRow | undefined) => row !== undefined && onStep(row.id);
  useFocusInside(box, id);
  // At the last row the next ones come, so that it goes on.
  const needsMore = at >= 0 && after === undefined && hasMore;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once at each end
  useEffect(() => {
    if (needsMore) onMore();
  }, [needsMore]);
  useShortcuts([
    { keys: "]", label: "Next job of the list", group: "Job", repeats: true, run: () => step(after) },
    { keys: "[", label: "Job before in the list", group: "Job", repeats: true, run: () => step(before) },
    { keys: "Enter", label: "Open its page", group: "Job", run: onWhole },
    { keys: "Escape", label: "Close it", group: "Job", run: onClose },
  ]);
  return (
    <section
      ref={box}
      tabIndex={-1}
      aria-label="Job"
      className="drawer-in fixed inset-y-0 right-0 z-35 flex w-full max-w-2xl flex-col border-l border-line-strong bg-background shadow-2xl outline-none"
    >
      <div className="flex h-12 shrink-0 items-center gap-1 border-b border-line px-3 md:px-4">
        <IconButton
          icon="up"
          label="Job before in the list ([)"
          disabled={before === undefined}
          onClick={() => step(before)}
        />
        <IconButton
          icon="down"
          label="Next job of the list (])"
          disabled={after === undefined}
          onClick={() => step(after)}
        />
        <span className="ml-1 text-xs text-muted">
          {at < 0 ? "not in this list" : `${formatCount(at + 1)} of ${formatCount(rows.length)}`}
          {at >= 0 && hasMore && "+"}
        </span>
        <Button look="quiet" icon="link" className="ml-auto" title="Open its page (Enter)" onClick={onWhole}>
          Open its page
        </Button>
        <IconButton icon="close" label="Close (Esc)" onClick={onClose} />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-3 py-4 md:px-4">
        <JobView id={id} beside />
      </div>
    </section>
  );
}

function useFocusInside(box: { readonly current: HTMLElement | null }, id: string): void {
  const shown = useRef(id);
  shown.current = id;
  useEffect(() => {
    box.current?.focus({ preventScroll: true });
    return () => {
      // Whoever has gone on to somewhere else is left there.
      const held = document.activeElement;
      if (held !== null && held !== document.body && box.current?.contains(held) !== true) return;
      const link = document.querySelector<HTMLElement>(`a[data-job="${CSS.escape(shown.current)}"]`);
      link?.focus({ preventScroll: true });
    };
  }, [box]);
}
