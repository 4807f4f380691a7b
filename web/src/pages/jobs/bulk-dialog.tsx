import { type ReactElement, useState } from "react";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { plural } from "../../parts/count.ts";
import { DelayField, FIRST_DELAY_MS } from "../../parts/delay-field.tsx";
import type { BulkAction } from "./bulk-action.ts";

interface BulkDialogProps {
  readonly action: BulkAction;
  readonly ids: readonly string[];
  readonly busy: boolean;
  readonly onConfirm: (inMs?: number) => void;
  readonly onClose: () => void;
}

export function BulkDialog({ action, ids, busy, onConfirm, onClose }: BulkDialogProps): ReactElement {
  const [delay, setDelay] = useState(FIRST_DELAY_MS);
  const jobs = plural(ids.length, "job");
  if (action === "reschedule") {
    return (
      <ConfirmDialog
        title={`Reschedule ${jobs}`}
        action="Reschedule"
        busy={busy}
        onConfirm={() => onConfirm(delay)}
        onClose={onClose}
      >
        <DelayField ms={delay} onChange={setDelay} />
      </ConfirmDialog>
    );
  }
  return (
    <ConfirmDialog
      danger
      title={`Delete ${jobs}?`}
      action={`Delete ${jobs}`}
      busy={busy}
      onConfirm={() => onConfirm()}
      onClose={onClose}
    >
      <p>
        They will not run. A job that is running is asked to stop, and what it returns is dropped. Deleted
        jobs can be requeued until they expire.
      </p>
    </ConfirmDialog>
  );
}
