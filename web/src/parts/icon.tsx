import type { ReactElement } from "react";

/** Drawn on a grid of 16, with lines of one width. */
const PATHS = {
  overview: "M2.5 13.5h11M4 11V8m4 3V3m4 8V6",
  jobs: "M2.5 4h11M2.5 8h11M2.5 12h7",
  errors:
    "M8 5v3.5m0 2.4v.1M7 2.6 1.8 12a1.15 1.15 0 0 0 1 1.7h10.4a1.15 1.15 0 0 0 1-1.7L9 2.6a1.15 1.15 0 0 0-2 0z",
  recurring: "M13.5 8a5.5 5.5 0 1 1-1.7-4M13.5 2v3h-3",
  queues: "M2 4.5 8 2l6 2.5L8 7zM2 8l6 2.5L14 8M2 11.5 8 14l6-2.5",
  servers:
    "M3 2.5h10a.5.5 0 0 1 .5.5v3.5a.5.5 0 0 1-.5.5H3a.5.5 0 0 1-.5-.5V3a.5.5 0 0 1 .5-.5zM3 9h10a.5.5 0 0 1 .5.5V13a.5.5 0 0 1-.5.5H3a.5.5 0 0 1-.5-.5V9.5A.5.5 0 0 1 3 9zM5 4.75h.1M5 11.25h.1",
  operations: "M9 1.8 3.5 9H8l-1 5.2L12.5 7H8z",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zm3.3-1.2L14 14",
  theme: "M8 13.5a5.5 5.5 0 0 0 0-11zm0 0a5.5 5.5 0 0 1 0-11",
  zone: "M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM2.5 8h11M8 2.5c2.5 3 2.5 8 0 11-2.5-3-2.5-8 0-11z",
  more: "M3.6 7.4a.6.6 0 1 0 0 1.2.6.6 0 0 0 0-1.2zm4.4 0a.6.6 0 1 0 0 1.2.6.6 0 0 0 0-1.2zm4.4 0a.6.6 0 1 0 0 1.2.6.6 0 0 0 0-1.2z",
  close: "m4 4 8 8m0-8-8 8",
  copy: "M6 5.5h6.5a1 1 0 0 1 1 1V13a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V6.5a1 1 0 0 1 1-1zM11 5.5V3a1 1 0 0 0-1-1H3.5a1 1 0 0 0-1 1v6.5a1 1 0 0 0 1 1H5",
  check: "m3 8.5 3.2 3.2L13 4.5",
  retry: "M2.5 8a5.5 5.5 0 1 0 1.7-4M2.5 2v3h3",
  trash: "M3 4.5h10M6.5 4.5V2.8h3v1.7M4.5 4.5l.6 9h5.8l.6-9",
  clock: "M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM8 5v3.2l2 1.3",
  play: "M5 3.2v9.6L12.5 8z",
  pause: "M5.5 3.5v9m5-9v9",
  stop: "M4.5 4.5h7v7h-7z",
  edit: "m3 13 .6-2.8 7-7a1.2 1.2 0 0 1 1.7 0l.5.5a1.2 1.2 0 0 1 0 1.7l-7 7z",
  replay: "M2.5 8h8.5m-3.5-4L11.5 8l-4 4M13.5 3.5v9",
  chevron: "m6 3.5 4.5 4.5L6 12.5",
  down: "m3.5 6 4.5 4.5L12.5 6",
  up: "m3.5 10 4.5-4.5 4.5 4.5",
  link: "M6.5 9.5a2.8 2.8 0 0 0 4 0l2.2-2.2a2.8 2.8 0 0 0-4-4L8 4M9.5 6.5a2.8 2.8 0 0 0-4 0L3.3 8.7a2.8 2.8 0 0 0 4 4L8 12",
  warning: "M8 5v3.5m0 2.4v.1M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z",
  info: "M8 7.5V11m0-6v.1M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z",
  eye: "M1.8 8S4 3.8 8 3.8 14.2 8 14.2 8 12 12.2 8 12.2 1.8 8 1.8 8zM8 9.7a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z",
  filter: "M2.5 4h11M4.5 8h7M6.5 12h3",
  save: "M4 2.5h8v11L8 10.8 4 13.5z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({
  name,
  size = 16,
  className = "",
}: {
  readonly name: IconName;
  readonly size?: number;
  readonly className?: string;
}): ReactElement {
  return (
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      aria-hidden="true"
      className={`shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
