import { type ReactElement, useState } from "react";
import { useAction } from "../../api/use-action.ts";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";

const NOTE_CHARS = 500;

export function PauseDialog({
  queue,
  onClose,
}: {
  readonly queue: string;
  readonly onClose: () => void;
}): ReactElement {
  const [note, setNote] = useState("");
  const { run, busy } = useAction("POST queues/:queue/pause", {
    done: `${queue} is paused.`,
    after: onClose,
  });
  return (
    <ConfirmDialog
      title={`Pause ${queue}`}
      action="Pause"
      busy={busy}
      onConfirm={() => run({ params: { queue }, body: { note } })}
      onClose={onClose}
    >
      <p>Nothing more is fetched from it. Jobs that run now go on; jobs can still be enqueued and wait.</p>
      <label className="flex flex-col gap-1">
        Why, for others to read
        <input
          className="field"
          maxLength={NOTE_CHARS}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
    </ConfirmDialog>
  );
}
