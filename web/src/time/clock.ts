import { useSyncExternalStore } from "react";

/** The storage's clock minus this browser's: all ages are told by the storage's clock. */
let offset = 0;
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

export function setStorageNow(at: number): void {
  offset = at - Date.now();
}

export function storageNow(): number {
  return Date.now() + offset;
}

/** The storage's time, once a second. One timer for all who show an age. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

function tick(): void {
  if (document.hidden) return;
  now = storageNow();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = storageNow();
    timer = setInterval(tick, 1_000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
