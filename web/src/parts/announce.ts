import { useEffect } from "react";

export const ANNOUNCER = "announcer";

/** Says to screen readers what eyes see at once: that another page is there. */
export function announce(text: string): void {
  const place = document.getElementById(ANNOUNCER);
  if (place !== null && place.textContent !== text) place.textContent = text;
}

export function useAnnounced(text: string): void {
  useEffect(() => announce(text), [text]);
}
