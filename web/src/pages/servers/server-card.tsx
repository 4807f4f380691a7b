import { Link, useLocation } from "@tanstack/react-router";
import { type ReactElement, type RefObject, useEffect, useRef, useState } from "react";
import type { Server, Vitals } from "../../../../src/dashboard/api/index.ts";
import { useAction } from "../../api/use-action.ts";
import { useCan } from "../../api/use-meta.ts";
import { Button } from "../../parts/button.tsx";
import { ConfirmDialog } from "../../parts/confirm-dialog.tsx";
import { formatBytes, formatShort } from "../../parts/count.ts";
import { Icon, type IconName } from "../../parts/icon.tsx";
import { visibleText } from "../../parts/visible-text.ts";
import { formatDuration } from "../../time/format-duration.ts";
import { Ago, Since } from "../../time/instant.tsx";
import { Slots } from "./slots.tsx";

/** One life of one server. */
export function ServerCard({ server }: { readonly server: Server }): ReactElement {
  const {
    incarnation,
    name,
    host,
    pid,
    queues,
    workerCount,
    startedAt,
    renewedAt,
    live,
    processing,
    vitals,
  } = server;
  const busy = vitals?.busy ?? processing ?? 0;
  const { card, meant } = useMeant(incarnation);
  return (
    <li
      ref={card}
      id={incarnation}
      className={`card scroll-mt-16 px-4 py-3 ${live ? "" : "border-failed"} ${meant ? "outline-2 outline-accent" : ""}`}
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="text-base font-semibold">{visibleText(name)}</h2>
        <Phase server={server} />
        <span className="ml-auto flex gap-2">
          <Commands server={server} />
        </span>
      </div>
      <p className="mt-0.5 flex flex-wrap gap-x-4 text-xs text-muted">
        <span title={host}>
          {visibleText(host.split(" ", 1).join())} · pid {pid}
        </span>
        <span>
          up <Since at={startedAt} />
        </span>
        <span>
          heartbeat <Ago at={renewedAt} />
        </span>
        {vitals?.version && <span>Firelater {vitals.version}</span>}
        {vitals?.runtime && <span>{vitals.runtime}</span>}
      </p>
      <div className="mt-3">
        <Slots count={workerCount} busy={busy} live={live} />
      </div>
      {vitals !== null && (
        <dl className="mt-3 grid grid-cols-3 gap-x-4 gap-y-2 sm:grid-cols-6">
          <Figure name="CPU" value={told(vitals.cpu, asPercent)} alarming={(vitals.cpu ?? 0) > 0.95} />
          <Figure name="Memory" value={told(vitals.rssBytes, formatBytes)} />
          <Figure name="Heap" value={told(vitals.heapBytes, formatBytes)} />
          <Figure
            name="Loop delay"
            value={told(vitals.eventLoopDelayMs, formatDuration)}
            alarming={(vitals.eventLoopDelayMs ?? 0) > 200}
          />
          <Figure
            name="Storage"
            value={told(vitals.storageMs, formatDuration)}
            alarming={(vitals.storageMs ?? 0) > 1_000}
          />
          <Figure name="Done" value={told(vitals.succeeded, formatShort)} />
        </dl>
      )}
      <p className="mt-3 flex flex-wrap items-center gap-1.5 text-xs">
        <span className="text-muted">fetches from</span>
        {queues.map((queue) => (
          <Link
            key={queue}
            to="/jobs"
            search={{ state: "Enqueued", queue }}
            className="rounded bg-sunken px-1.5 hover:text-accent"
          >
            {visibleText(queue)}
          </Link>
        ))}
      </p>
      {vitals !== null && vitals.runs.length > 0 && <LongestRuns runs={vitals.runs} />}
      {!live && (
        <p className="mt-2 text-failed">
          Its lease has run out. Another server gives its jobs back as soon as it has judged it lost; then it
          disappears from here.
        </p>
      )}
    </li>
  );
}

/** A link names it. Its card comes after the address is read, so that no browser finds it by itself. */
function useMeant(incarnation: string): {
  readonly card: RefObject<HTMLLIElement | null>;
  readonly meant: boolean;
} {
  const card = useRef<HTMLLIElement>(null);
  const meant = useLocation({ select: ({ hash }) => hash === incarnation });
  useEffect(() => {
    if (meant) card.current?.scrollIntoView({ block: "nearest" });
  }, [meant]);
  return { card, meant };
}

function Phase({ server: { live, vitals, command } }: { readonly server: Server }): ReactElement {
  const look = lookOf(live, vitals?.phase ?? "running");
  return (
    <span className={`inline-flex items-center gap-1.5 font-medium ${look.colour}`}>
      <Icon name={look.icon} size={13} />
      {look.word}
      {command !== null && (
        <span className="font-normal text-muted">asked to {command === "quiet" ? "be quiet" : command}</span>
      )}
    </span>
  );
}

function lookOf(
  live: boolean,
  phase: string,
): { readonly colour: string; readonly icon: IconName; readonly word: string } {
  if (!live) return { colour: "text-failed", icon: "errors", word: "Silent" };
  if (phase === "running") return { colour: "text-succeeded", icon: "check", word: "Running" };
  return {
    colour: "text-warning",
    icon: phase === "quiet" ? "pause" : "clock",
    word: phase.charAt(0).toUpperCase() + phase.slice(1),
  };
}

function Commands({
  server: { incarnation, name, live, vitals, command },
}: {
  readonly server: Server;
}): ReactElement | null {
  const [stopping, setStopping] = useState(false);
  const params = { incarnation };
  const quiet = useAction("POST servers/:incarnation/quiet", {
    done: `${name} is asked to fetch nothing more.`,
  });
  const resume = useAction("POST servers/:incarnation/resume", { done: `${name} is asked to go on.` });
  const stop = useAction("POST servers/:incarnation/stop", {
    done: `${name} is asked to stop.`,
    after: () => setStopping(false),
  });
  if (!useCan("command-server") || !live) return null;
  const isQuiet = command === "quiet" || (vitals?.phase === "quiet" && command === null);
  return (
    <>
      {isQuiet ? (
        <Button small icon="play" disabled={resume.busy} onClick={() => resume.run({ params })}>
          Resume
        </Button>
      ) : (
        <Button small icon="pause" disabled={quiet.busy} onClick={() => quiet.run({ params })}>
          Quiet
        </Button>
      )}
      <Button small icon="stop" disabled={command === "stop"} onClick={() => setStopping(true)}>
        Stop…
      </Button>
      {stopping && (
        <ConfirmDialog
          danger
          title={`Stop ${name}?`}
          action="Stop it"
          busy={stop.busy}
          onConfirm={() => stop.run({ params })}
          onClose={() => setStopping(false)}
        >
          <p>
            It fetches nothing more, lets the jobs that run come to their end, and stops. It cannot be started
            from here: whatever runs the process may start it anew.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}

const RUNS_SHOWN = 3;

function LongestRuns({ runs }: { readonly runs: Vitals["runs"] }): ReactElement {
  return (
    <ul aria-label="Longest running" className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-xs">
      {runs.slice(0, RUNS_SHOWN).map(({ id, name, forMs }) => (
        <li key={`${id} ${name}`} className="flex items-baseline gap-1.5">
          <Link to="/jobs/$id" params={{ id }} className="row-link font-mono">
            {visibleText(name)}
          </Link>
          <span className="text-muted">{formatDuration(forMs)}</span>
        </li>
      ))}
    </ul>
  );
}

interface FigureProps {
  readonly name: string;
  /** Null: the server does not tell it, and nothing is shown. */
  readonly value: string | null;
  readonly alarming?: boolean;
}

function Figure({ name, value, alarming = false }: FigureProps): ReactElement | null {
  if (value === null) return null;
  return (
    <div>
      <dt className="label-small">{name}</dt>
      <dd className={`font-semibold ${alarming ? "text-failed" : ""}`}>{value}</dd>
    </div>
  );
}

function told(value: number | null, format: (value: number) => string): string | null {
  return value === null ? null : format(value);
}

function asPercent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
