import { type ReactElement, useSyncExternalStore } from "react";
import { IconButton } from "./button.tsx";
import { Icon } from "./icon.tsx";

interface Toast {
  readonly id: number;
  readonly tone: "good" | "bad";
  readonly text: string;
}

const SHOWN_MS = 6_000;
const MOST = 4;

let toasts: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

/** Says what came of an action, to eyes and to screen readers alike. */
export function tell(told: Omit<Toast, "id">): void {
  last += 1;
  const id = last;
  set([...toasts, { ...told, id }].slice(-MOST));
  // What went wrong stays until somebody has read it.
  if (told.tone === "good") setTimeout(() => dismiss(id), SHOWN_MS);
}

export function Toasts(): ReactElement {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <section
      aria-label="Messages"
      aria-live="polite"
      className="fixed right-4 bottom-18 z-50 flex w-80 max-w-[calc(100vw-2rem)] flex-col gap-2 md:bottom-4"
    >
      {shown.map(({ id, tone, text }) => (
        <div key={id} className="card flex items-start gap-2 bg-raised py-1 pr-1 pl-3 shadow-lg">
          <Icon
            name={tone === "good" ? "check" : "warning"}
            className={`mt-2 ${tone === "good" ? "text-succeeded" : "text-failed"}`}
          />
          <p className="min-w-0 flex-1 py-1.5">{text}</p>
          <IconButton icon="close" label="Dismiss" onClick={() => dismiss(id)} />
        </div>
      ))}
    </section>
  );
}

function dismiss(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
