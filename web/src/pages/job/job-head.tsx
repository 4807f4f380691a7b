import { Link } from "@tanstack/react-router";
import { lazy, type ReactElement, Suspense, useState } from "react";
import type { Job } from "../../../../src/dashboard/api/index.ts";
import { useAction } from "../../api/use-action.ts";
import { useShortcuts } from "../../app/shortcuts.ts";
import { Button } from "../../parts/button.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { CopyButton } from "../../parts/copy-button.tsx";
import { DelayField, FIRST_DELAY_MS } from "../../parts/delay-field.tsx";
import { Icon } from "../../parts/icon.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { shortId } from "../../parts/short-id.ts";
import { StateMark } from "../../parts/state-mark.tsx";
import { visibleText } from "../../parts/visible-text.ts";

const ReplayDialog = lazy(() => import("./replay-dialog.tsx"));

type Asked = "none" | "delete" | "reschedule" | "replay";

/** Which job it is, and what can be done with it now. */
export function JobHead({ job }: { readonly job: Job }): ReactElement {
  const { id, name, displayName, state } = job;
  return (
    <>
      <nav aria-label="Way back" className="mb-1 flex items-center gap-1 text-xs text-muted">
        <Link to="/jobs" search={{ state }} className="row-link">
          {state} jobs
        </Link>
        <Icon name="chevron" size={12} />
        <span className="font-mono">{shortId(id)}</span>
      </nav>
      <PageHead title={visibleText(displayName ?? name)}>
        <Actions job={job} />
      </PageHead>
      <div className="-mt-2 mb-4 flex flex-wrap items-center gap-x-4 gap-y-1 text-muted">
        <StateMark state={state} strong />
        {displayName !== null && <code className="font-mono text-xs">{name}</code>}
        <span className="inline-flex items-center">
          <code className="font-mono text-xs">{id}</code>
          <CopyButton text={id} label="Copy the id" />
        </span>
      </div>
    </>
  );
}

function Actions({ job }: { readonly job: Job }): ReactElement {
  const { id, state, actions } = job;
  const [asked, setAsked] = useState<Asked>("none");
  const [delay, setDelay] = useState(FIRST_DELAY_MS);
  const close = () => setAsked("none");
  const requeue = useAction("POST jobs/:id/requeue", {
    done: "Requeued: it runs as soon as a slot is free.",
  });
  const remove = useAction("POST jobs/:id/delete", { done: "Deleted.", after: close });
  const reschedule = useAction("POST jobs/:id/reschedule", { done: "Rescheduled.", after: close });
  const may = (action: Job["actions"][number]) => actions.includes(action);
  const ask = (action: Exclude<Asked, "none">) => may(action) && setAsked(action);
  const runAgain = () => may("requeue") && requeue.run({ params: { id } });
  useShortcuts([
    { keys: "r", label: state === "Scheduled" ? "Run it now" : "Requeue it", group: "Job", run: runAgain },
    { keys: "d", label: "Delete it", group: "Job", run: () => ask("delete") },
    { keys: "e", label: "Replay it with other arguments", group: "Job", run: () => ask("replay") },
  ]);
  return (
    <>
      {may("requeue") && (
        <Button
          look={state === "Failed" || state === "Scheduled" ? "strong" : "plain"}
          icon="retry"
          disabled={requeue.busy}
          onClick={runAgain}
        >
          {state === "Scheduled" ? "Run now" : "Requeue"}
        </Button>
      )}
      {may("replay") && (
        <Button icon="replay" onClick={() => ask("replay")}>
          Replay…
        </Button>
      )}
      {may("reschedule") && (
        <Button icon="clock" onClick={() => ask("reschedule")}>
          Reschedule…
        </Button>
      )}
      {may("delete") && (
        <Button icon="trash" onClick={() => ask("delete")}>
          {state === "Processing" ? "Cancel…" : "Delete…"}
        </Button>
      )}
      {asked === "delete" && (
        <ConfirmDialog
          danger
          title="Delete this job?"
          action="Delete"
          busy={remove.busy}
          onConfirm={() => remove.run({ params: { id } })}
          onClose={close}
        >
          <p>
            {state === "Processing"
              ? "It is running: its signal is aborted, and what it returns is dropped. Code that does not look at its signal runs to its end."
              : "It will not run. It can be requeued until it expires."}
          </p>
        </ConfirmDialog>
      )}
      {asked === "reschedule" && (
        <ConfirmDialog
          title="Reschedule this job"
          action="Reschedule"
          busy={reschedule.busy}
          onConfirm={() => reschedule.run({ params: { id }, body: { in: delay } })}
          onClose={close}
        >
          <DelayField ms={delay} onChange={setDelay} />
        </ConfirmDialog>
      )}
      {asked === "replay" && (
        <Suspense>
          <ReplayDialog job={job} onClose={close} />
        </Suspense>
      )}
    </>
  );
}
