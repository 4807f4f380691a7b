import { Link } from "@tanstack/react-router";
import { lazy, type ReactElement, type ReactNode, Suspense, useState } from "react";
import type { Job } from "../../../../src/dashboard/api/index.ts";
import { useAction } from "../../api/use-action.ts";
import { type Shortcut, useShortcuts } from "../../app/shortcuts.ts";
import { useAnnounced } from "../../parts/announce.ts";
import { Button } from "../../parts/button.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { CopyButton } from "../../parts/copy-button.tsx";
import { DelayField, FIRST_DELAY_MS } from "../../parts/delay-field.tsx";
import { Icon } from "../../parts/icon.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { shortId } from "../../parts/short-id.ts";
import { StateMark } from "../../parts/state-mark.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { wayBack } from "../jobs/job-trail.ts";
import { callCode } from "./call-code.ts";

const ReplayDialog = lazy(() => import("./replay-dialog.tsx"));

type Asked = "none" | "delete" | "reschedule" | "replay";

/** Which job it is, and what can be done with it now. */
export function JobHead({ job, beside }: { readonly job: Job; readonly beside: boolean }): ReactElement {
  const { id, name, displayName, state, links } = job;
  const title = visibleText(displayName ?? name);
  const actions = <Actions job={job} />;
  const code = callCode(job);
  return (
    <>
      {beside ? (
        <HeadBeside title={title}>{actions}</HeadBeside>
      ) : (
        <>
          <WayBack job={job} />
          <PageHead title={title}>{actions}</PageHead>
        </>
      )}
      <div className="-mt-2 mb-4 flex flex-wrap items-center gap-x-4 gap-y-1 text-muted">
        <StateMark state={state} strong />
        {displayName !== null && <code className="font-mono text-xs">{visibleText(name)}</code>}
        <span className="inline-flex items-center">
          <code className="font-mono text-xs">{id}</code>
          <CopyButton text={id} label="Copy the id" />
        </span>
        {links.map(({ text, url }) => (
          <a key={`${text} ${url}`} href={url} target="_blank" rel="noreferrer" className="row-link text-xs">
            {visibleText(text)} <span aria-hidden="true">↗</span>
            <span className="sr-only">(opens in a new tab)</span>
          </a>
        ))}
        {code !== undefined && <CopyButton text={code} label="Copy the call as code" words="Copy as code" />}
      </div>
    </>
  );
}

/** The way to the list: with its filter, when people came from it. */
function WayBack({ job: { id, state } }: { readonly job: Job }): ReactElement {
  const list = wayBack(id);
  return (
    <nav aria-label="Way back" className="mb-1 flex items-center gap-1 text-xs text-muted">
      <Link to="/jobs" search={list ?? { state }} className="row-link">
        {list === undefined ? `${state} jobs` : "Back to the list"}
      </Link>
      <Icon name="chevron" size={12} />
      <span className="font-mono">{shortId(id)}</span>
    </nav>
  );
}

function HeadBeside({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}): ReactElement {
  useAnnounced(title);
  return (
    <header className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
      <h2 className="line-clamp-2 min-w-0 text-lg font-semibold tracking-tight break-words">{title}</h2>
      <div className="flex flex-wrap items-center gap-2">{children}</div>
    </header>
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
  const again = state === "Scheduled" ? "Run it now" : "Requeue it";
  const keys: readonly (Shortcut & { action: Job["actions"][number]; run: () => void })[] = [
    { keys: "r", label: again, group: "Job", action: "requeue", run: runAgain },
    { keys: "d", label: "Delete it", group: "Job", action: "delete", run: () => ask("delete") },
    {
      keys: "e",
      label: "Replay it with other arguments",
      group: "Job",
      action: "replay",
      run: () => ask("replay"),
    },
  ];
  useShortcuts(keys.filter(({ action }) => may(action)));
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
