import { createElement, type ReactElement, useState } from "react";
import type { BulkResult } from "../../../../src/dashboard/api/index.ts";
import { useAction } from "../../api/use-action.ts";
import { plural } from "../../parts/count.ts";
import type { BulkAction } from "./bulk-action.ts";
import { BulkDialog } from "./bulk-dialog.tsx";

interface Bulk {
  /** Requeues at once; asks before it deletes, and for the time of a reschedule. */
  readonly ask: (action: BulkAction, ids: readonly string[]) => void;
  readonly dialog: ReactElement | null;
}

const WORDS = { requeue: "requeued", delete: "deleted", reschedule: "rescheduled" } as const;

export function useBulk(onDone: () => void): Bulk {
  const [asked, setAsked] = useState<{ action: BulkAction; ids: readonly string[] }>();
  const { run, busy } = useAction("POST jobs/bulk", {
    done: (result) => describe(result, asked?.action ?? "requeue"),
    after: () => {
      setAsked(undefined);
      onDone();
    },
  });
  const send = (action: BulkAction, ids: readonly string[], inMs?: number) => {
    setAsked({ action, ids });
    run({ body: { action, ids, ...(inMs === undefined ? {} : { in: inMs }) } });
  };
  const dialog =
    asked === undefined || asked.action === "requeue"
      ? null
      : createElement(BulkDialog, {
          ...{ ...asked, busy },
          onConfirm: (inMs?: number) => send(asked.action, asked.ids, inMs),
          onClose: () => setAsked(undefined),
        });
  return {
    ask: (action, ids) => (action === "requeue" ? send(action, ids) : setAsked({ action, ids })),
    dialog,
  };
}

function describe({ applied, failed, left }: BulkResult, action: BulkAction): string {
  const parts = [`${plural(applied, "job")} ${WORDS[action]}.`];
  const [first] = failed;
  if (first !== undefined) parts.push(`${failed.length} not: ${first.note}`);
  if (left.length > 0) parts.push(`${left.length} had no turn in time: select them again.`);
  return parts.join(" ");
}
