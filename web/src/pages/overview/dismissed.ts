import { useSyncExternalStore } from "react";
import type { Attention } from "../../../../src/dashboard/api/index.ts";
import { API_ROOT } from "../../api/call.ts";

/** One browser may look at more than one dashboard of one host. */
const STORED_AS = `firelater.dismissed ${API_ROOT}`;
const MOST = 200;

let dismissed: readonly string[] = readStored();
const listeners = new Set<() => void>();

/** What this browser wants to see no more of, for as long as it lasts: the same thing anew, or a worse one, is another. */
export function useDismissed(): readonly string[] {
  return useSyncExternalStore(subscribe, () => dismissed);
}

export function isDismissed(held: readonly string[], item: Attention): boolean {
  return held.includes(nameOf(item));
}

export function dismiss(item: Attention): void {
  keep([...dismissed, nameOf(item)].slice(-MOST));
}

export function bringBack(): void {
  keep([]);
}

/** What is over needs no place: when it comes again, it is shown again. */
export function forgetOver(items: readonly Attention[]): void {
  const names = new Set(items.map(nameOf));
  const left = dismissed.filter((name) => names.has(name));
  if (left.length < dismissed.length) keep(left);
}

/** Since when is no part of it where that moves on while the thing lasts. */
function nameOf({ kind, severity, subject, since }: Attention): string {
  const moves = kind === "queue-slow" || kind === "queue-without-consumer" || kind === "recurring-failing";
  return [kind, severity, subject, moves ? "" : (since ?? "")].join(" ");
}

function keep(next: readonly string[]): void {
  dismissed = next;
  try {
    localStorage.setItem(STORED_AS, JSON.stringify(next));
  } catch {
    // A browser that stores nothing forgets it with the tab.
  }
  for (const listener of listeners) listener();
}

function readStored(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED_AS) ?? "[]");
    return Array.isArray(stored) ? stored.filter((name) => typeof name === "string").slice(-MOST) : [];
  } catch {
    return [];
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
