import { useSyncExternalStore } from "react";

const STORED_AS = "firelater.zone";
export const LOCAL_ZONE: string = Intl.DateTimeFormat().resolvedOptions().timeZone;

let zone = readStored();
const listeners = new Set<() => void>();

/** The zone in which every time of the page is shown: an IANA name. */
export function useZone(): string {
  return useSyncExternalStore(subscribe, () => zone);
}

/** False when this browser does not know it. */
export function chooseZone(name: string): boolean {
  if (!isZone(name)) return false;
  zone = name;
  try {
    localStorage.setItem(STORED_AS, name);
  } catch {
    // A browser that stores nothing forgets it with the tab.
  }
  for (const listener of listeners) listener();
  return true;
}

export function allZones(): readonly string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((name) => name !== "UTC")];
}

export function isZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

function readStored(): string {
  try {
    const stored = localStorage.getItem(STORED_AS);
    return stored !== null && isZone(stored) ? stored : LOCAL_ZONE;
  } catch {
    return LOCAL_ZONE;
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
