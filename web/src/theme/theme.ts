import { useSyncExternalStore } from "react";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const STORED_AS = "firelater.theme";
const listeners = new Set<() => void>();
const dark = matchMedia("(prefers-color-scheme: dark)");
let theme = readStored();

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, () => theme);
}

/** What charts go by, whose canvas does not follow a change of theme by itself. */
export function useIsDark(): boolean {
  return useSyncExternalStore(subscribe, isDark);
}

export function isDark(): boolean {
  return theme === "system" ? dark.matches : theme === "dark";
}

export function chooseTheme(chosen: Theme): void {
  theme = chosen;
  applyTheme();
  try {
    localStorage.setItem(STORED_AS, chosen);
  } catch {
    // A browser that stores nothing forgets it with the tab.
  }
  notify();
}

export function nextTheme(): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
}

/** Before the first paint: the page is made by this program, so nothing can be seen in the wrong colours. */
export function applyTheme(): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function readStored(): Theme {
  try {
    const stored = localStorage.getItem(STORED_AS);
    return THEMES.find((name) => name === stored) ?? "system";
  } catch {
    return "system";
  }
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) dark.addEventListener("change", notify);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) dark.removeEventListener("change", notify);
  };
}

function notify(): void {
  for (const listener of listeners) listener();
}
