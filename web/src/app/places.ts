import type { Snapshot } from "../../../src/dashboard/api/index.ts";
import type { IconName } from "../parts/icon.tsx";

export interface Place {
  readonly to: "/" | "/jobs" | "/errors" | "/recurring" | "/queues" | "/servers" | "/operations";
  readonly label: string;
  readonly icon: IconName;
  /** After `g`. */
  readonly key: string;
  readonly count?: (snapshot: Snapshot) => number;
  /** The count means that somebody has to do something. */
  readonly alarming?: (snapshot: Snapshot) => boolean;
}

/** The pages, in the order of the rail. */
export const PLACES: readonly Place[] = [
  {
    ...{ to: "/", label: "Overview", icon: "overview", key: "o" },
    count: ({ attention }) => attention.error + attention.warning,
    alarming: ({ attention }) => attention.error > 0,
  },
  {
    to: "/jobs",
    label: "Jobs",
    icon: "jobs",
    key: "j",
    count: ({ counts }) => counts.Enqueued + counts.Processing,
  },
  {
    ...{ to: "/errors", label: "Errors", icon: "errors", key: "e" },
    count: ({ counts }) => counts.Failed,
    alarming: ({ counts }) => counts.Failed > 0,
  },
  { to: "/recurring", label: "Recurring", icon: "recurring", key: "r" },
  { to: "/queues", label: "Queues", icon: "queues", key: "q", count: ({ ready }) => ready },
  {
    ...{ to: "/servers", label: "Servers", icon: "servers", key: "s" },
    count: ({ liveServers }) => liveServers,
    alarming: ({ liveServers, counts }) => liveServers === 0 && counts.Enqueued > 0,
  },
  {
    to: "/operations",
    label: "Operations",
    icon: "operations",
    key: "p",
    count: ({ operations }) => operations,
  },
];
