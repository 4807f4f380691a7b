import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import type { RecurringRow } from "../../../../src/dashboard/api/index.ts";
import { useAction } from "../../api/use-action.ts";
import { useCan } from "../../api/use-meta.ts";
import { IconButton } from "../../parts/button.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { DropMenu } from "../../parts/drop-menu.tsx";
import type { MenuEntry } from "../../parts/menu-entry.ts";

/** What can be done with one recurring job, in a menu. */
export function RecurringActions({
  row: { id, state, set },
}: {
  readonly row: RecurringRow;
}): ReactElement | null {
  const [removing, setRemoving] = useState(false);
  const navigate = useNavigate();
  const params = { id };
  const trigger = useAction("POST recurring/:id/trigger", {
    done: "Triggered: its job is enqueued.",
    after: ({ jobId }) => void navigate({ to: "/jobs/$id", params: { id: jobId } }),
  });
  const pause = useAction("POST recurring/:id/pause", { done: `${id} is paused.` });
  const resume = useAction("POST recurring/:id/resume", { done: `${id} goes on.` });
  const remove = useAction("POST recurring/:id/remove", {
    done: `${id} is removed.`,
    after: ({ applied }) => applied && void navigate({ to: "/recurring" }),
  });
  const may = {
    trigger: useCan("trigger-recurring"),
    pause: useCan("pause-recurring"),
    edit: useCan("edit-recurring"),
    remove: useCan("remove-recurring"),
  };
  const entries: MenuEntry[] = [];
  if (may.trigger && state !== "unreadable")
    entries.push({ label: "Trigger now", icon: "play", onPick: () => trigger.run({ params }) });
  if (may.pause && state === "active")
    entries.push({ label: "Pause", icon: "pause", onPick: () => pause.run({ params }) });
  if (may.pause && (state === "paused" || state === "disabled"))
    entries.push({ label: "Resume", icon: "play", onPick: () => resume.run({ params }) });
  if (may.edit && state !== "unreadable") {
    entries.push({
      label: "Edit…",
      icon: "edit",
      onPick: () =>
        void navigate({ to: "/recurring/$id", params, search: { edit: "1" }, resetScroll: false }),
    });
  }
  if (may.remove)
    entries.push({ label: "Remove…", icon: "trash", danger: true, onPick: () => setRemoving(true) });
  if (entries.length === 0) return null;
  return (
    <>
      <DropMenu trigger={<IconButton icon="more" label={`Actions for ${id}`} />} entries={entries} />
      {removing && (
        <ConfirmDialog
          danger
          title={`Remove ${id}?`}
          action="Remove"
          busy={remove.busy}
          onConfirm={() => remove.run({ params })}
          onClose={() => setRemoving(false)}
        >
          <p>
            It fires no more. Jobs that it has begun stay.
            {set !== null && ` It belongs to the set “${set}”: the next sync adds it again.`}
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}
