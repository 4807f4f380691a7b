import type { ReactElement } from "react";
import { togglePause, useFeed } from "../api/live-feed.ts";
import { useNow } from "../time/clock.ts";
import { formatDuration } from "../time/format-duration.ts";

const STALE_MS = 30_000;

/** Whether what is seen moves by itself, in colour, shape and word; a press halts it or lets it go on. */
export function LiveBadge(): ReactElement {
  const { transport, paused, heardAt } = useFeed();
  useNow();
  const age = Date.now() - heardAt;
  const { text, dot } = paused
    ? { text: `Paused ${formatDuration(age)}`, dot: "rounded-none border-x-4 border-y-0 border-warning w-3!" }
    : transport === "lost"
      ? { text: `No answer for ${formatDuration(age)}`, dot: "rotate-45 rounded-none bg-failed" }
      : transport === "connecting"
        ? { text: "Connecting", dot: "border-2 border-line-strong" }
        : transport === "polling" && age > STALE_MS
          ? { text: `${formatDuration(age)} old`, dot: "border-2 border-warning" }
          : { text: transport === "live" ? "Live" : "Polling", dot: "bg-succeeded pulse-dot" };
  return (
    <button
      type="button"
      onClick={togglePause}
      aria-pressed={paused}
      title={paused ? "Go on (p)" : "Pause live updates (p)"}
      className="flex h-8 items-center gap-2 rounded-md px-2 whitespace-nowrap text-muted hover:bg-hover hover:text-ink"
    >
      <span aria-hidden="true" className={`size-2 rounded-full ${dot}`} />
      {text}
    </button>
  );
}
