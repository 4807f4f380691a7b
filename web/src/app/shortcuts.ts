import { useEffect, useRef, useSyncExternalStore } from "react";

export interface Shortcut {
  /** One key, or two one after the other: `g j`. As `KeyboardEvent.key` names them. */
  readonly keys: string;
  readonly label: string;
  readonly group: "Go to" | "List" | "Job" | "Page";
  /** A key that is held down does it again and again. What changes something is done once. */
  readonly repeats?: boolean;
}

interface Bound extends Shortcut {
  readonly run: () => void;
}

const SEQUENCE_MS = 1_200;

let bound: readonly Bound[] = [];
let pending = { key: "", at: 0 };
const listeners = new Set<() => void>();

/** Binds keys for as long as the component is there. What was bound last has the word. */
export function useShortcuts(shortcuts: readonly (Shortcut & { readonly run: () => void })[]): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  const names = shortcuts.map(({ keys, label }) => `${keys}=${label}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the keys do is read when they are pressed
  useEffect(() => {
    const mine = latest.current.map(({ run: _, ...shortcut }, at) => ({
      ...shortcut,
      run: () => latest.current[at]?.run(),
    }));
    bound = [...mine, ...bound];
    notify();
    return () => {
      bound = bound.filter((one) => !mine.includes(one));
      notify();
    };
  }, [names]);
}

export function useBoundShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(subscribe, () => bound);
}

export function listenForShortcuts(): void {
  document.addEventListener("keydown", (event) => {
    if (isTaken(event)) return;
    if (event.key === "Enter" && isPressable(event.target)) return;
    const sequence = Date.now() - pending.at < SEQUENCE_MS ? `${pending.key} ${event.key}` : event.key;
    const found = find(sequence) ?? find(event.key);
    pending = { key: found === undefined ? event.key : "", at: Date.now() };
    if (found === undefined) return;
    event.preventDefault();
    if (event.repeat && found.repeats !== true) return;
    found.run();
  });
}

function find(keys: string): Bound | undefined {
  return bound.find((shortcut) => shortcut.keys === keys);
}

const TYPES = "input:not([type=checkbox]), textarea, select, [role=menu], [role=listbox]";

/** Somebody types, another program's shortcut is meant, or a dialog has the keys, wherever its focus is. */
function isTaken(event: KeyboardEvent): boolean {
  const { target, defaultPrevented, isComposing } = event;
  if (hasModifier(event) || defaultPrevented || isComposing) return true;
  if (document.querySelector("[role=dialog], [role=alertdialog]") !== null) return true;
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest(TYPES) !== null;
}

/** Where brackets and the like are on the third level of a key, they come with Ctrl and Alt, or with Option. */
function hasModifier({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  const isSign = key.length === 1 && !/[a-z0-9\s]/i.test(key);
  return metaKey || (isSign ? ctrlKey && !altKey : ctrlKey || altKey);
}

/** Enter on a link or a button is for that. */
function isPressable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("a, button, summary") !== null;
}

function notify(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
