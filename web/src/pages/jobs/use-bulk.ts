import { createElement, type ReactElement, useState } from "react";
import type { BulkResult } from "../../../../src/dashboard/api/index.ts";
import { useAction } from "../../api/use-action.ts";
import { useMeta } from "../../api/use-meta.ts";
import { plural } from "../../parts/count.ts";
import type { BulkAction } from "./bulk-action.ts";
import { BulkDialog } from "./bulk-dialog.tsx";

interface Bulk {
  /** Requeues at once; asks before it deletes, and for the time of a reschedule. */
  readonly ask: (action: BulkAction, ids: readonly string[]) => void;
  readonly dialog: ReactElement | null;
}

interface Asked {
  readonly action: BulkAction;
  readonly ids: readonly string[];
}

const WORDS = { requeue: "requeued", delete: "deleted", reschedule: "rescheduled" } as const;
/** Until the server has said how many it takes. */
const MOST = 1_000;

/** `onDone` is told which jobs had no turn: more than one request takes, or than it had time for. */
export function useBulk(onDone: (left: readonly string[]) => void): Bulk {
  const [asked, setAsked] = useState<Asked>();
  const most = useMeta()?.limits.bulk ?? MOST;
  const beyond = asked?.ids.slice(most) ?? [];
  const { run, busy } = useAction("POST jobs/bulk", {
    done: (result) => describe(result, asked?.action ?? "requeue", beyond.length),
    after: ({ left }) => {
      setAsked(undefined);
      onDone([...left, ...beyond]);
    },
  });
  const send = ({ action, ids }: Asked, inMs?: number) => {
    setAsked({ action, ids });
    run({ body: { action, ids: ids.slice(0, most), ...(inMs === undefined ? {} : { in: inMs }) } });
  };
  const dialog =
    asked === undefined || asked.action === "requeue"
      ? null
      : createElement(BulkDialog, {
          ...{ ...asked, busy },
          onConfirm: (inMs?: number) => send(asked, inMs),
          onClose: () => setAsked(undefined),
        });
  return {
    ask: (action, ids) => (action === "requeue" ? send({ action, ids }) : setAsked({ action, ids })),
    dialog,
  };
}

function describe({ applied, failed, left }: BulkResult, action: BulkAction, beyond: number): string {
  const parts = [`${plural(applied, "job")} ${WORDS[action]}.`];
  const [first] = failed;
  if (first !== undefined) parts.push(`${failed.length} not: ${first.note}`);
  const waiting = left.length + beyond;
  if (waiting > 0) parts.push(`${waiting} had no turn, and are still selected.`);
  return parts.join(" ");
}
