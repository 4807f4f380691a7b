import type { ReactElement, ReactNode } from "react";
import { CallError } from "../api/call.ts";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";

/** Nothing is there: why, and what to do next. */
export function Empty({
  icon,
  title,
  children,
}: {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
}): ReactElement {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-14 text-center">
      <span className="grid size-10 place-items-center rounded-full bg-sunken text-muted">
        <Icon name={icon} size={18} />
      </span>
      <p className="text-base font-semibold">{title}</p>
      <div className="max-w-md text-muted">{children}</div>
    </div>
  );
}

/** An answer that did not come: what happened, what to do, and a way to ask again. */
export function Failure({
  error,
  retry,
}: {
  readonly error: Error;
  readonly retry?: () => void;
}): ReactElement {
  const { mend, code, status } =
    error instanceof CallError ? error : { mend: null, code: error.name, status: 0 };
  // A page, or the way to one, came instead of an answer: most likely one to sign in.
  const elsewhere = code === "SIGNED_OUT" || status === 200;
  return (
    <div role="alert" className="card flex flex-wrap items-start gap-3 border-failed bg-failed-wash p-4">
      <Icon name="warning" className="mt-0.5 text-failed" />
      <div className="min-w-0 flex-1">
        <p className="font-semibold">{error.message}</p>
        <p className="text-muted">
          {mend ?? "Ask again; if it stays, the log of the serving process says more."}{" "}
          <code className="font-mono text-xs">{code}</code>
        </p>
      </div>
      {elsewhere ? (
        <Button icon="retry" onClick={() => location.reload()}>
          Reload the page
        </Button>
      ) : (
        retry && (
          <Button icon="retry" onClick={retry}>
            Ask again
          </Button>
        )
      )}
    </div>
  );
}

const TONES = {
  info: { box: "border-line bg-sunken", icon: "info", colour: "text-muted" },
  warning: { box: "border-warning bg-warning-wash", icon: "warning", colour: "text-warning" },
  bad: { box: "border-failed bg-failed-wash", icon: "warning", colour: "text-failed" },
} as const;

/** One thing to know about what is on the page. */
export function Banner({
  tone = "info",
  children,
  action,
}: {
  readonly tone?: keyof typeof TONES;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}): ReactElement {
  const { box, icon, colour } = TONES[tone];
  return (
    <div className={`flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border px-3 py-2 ${box}`}>
      <Icon name={icon} className={colour} />
      <div className="min-w-48 flex-1">{children}</div>
      {action}
    </div>
  );
}
