import { useQueryClient } from "@tanstack/react-query";
import { type UseNavigateResult, useNavigate } from "@tanstack/react-router";
import type { JobRow } from "../../../src/dashboard/api/index.ts";
import { togglePause } from "../api/live-feed.ts";
import { seenJobs } from "../api/seen-jobs.ts";
import { useLiveQuery } from "../api/use-live-query.ts";
import type { IconName } from "../parts/icon.tsx";
import { shortId } from "../parts/short-id.ts";
import { STATES } from "../parts/states.ts";
import { useSettled } from "../parts/use-settled.ts";
import { visibleText } from "../parts/visible-text.ts";
import { chooseTheme } from "../theme/theme.ts";
import { chooseZone } from "../time/zone.ts";
import { PLACES } from "./places.ts";

export interface Command {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly icon: IconName;
  readonly run: () => void;
}

type Navigate = UseNavigateResult<string>;

const ID_PART = /^[0-9a-f][0-9a-f-]{3,35}$/i;
const TYPING_MS = 150;
const MOST_JOBS = 8;

export function useCommands(
  text: string,
  onShortcuts: () => void,
): { commands: readonly Command[]; searching: boolean } {
  const navigate = useNavigate();
  const wanted = text.trim();
  const { jobs, searching } = useJobsById(wanted);
  const words = wanted.toLowerCase().split(/\s+/);
  const fixed = [...places(navigate), ...actions(onShortcuts)].filter(({ label }) =>
    words.every((word) => label.toLowerCase().includes(word)),
  );
  // A name may look like a part of an id; while jobs are looked for, nothing else must be hit by Enter.
  const byName = wanted !== "" && !searching && jobs.length === 0 ? searches(wanted, navigate) : [];
  return { commands: [...jobs.map((job) => toJob(job, navigate)), ...fixed, ...byName], searching };
}

/** By its whole id, from the storage; by a part of it, of the jobs that this page has seen. */
function useJobsById(wanted: string): { readonly jobs: readonly JobRow[]; readonly searching: boolean } {
  const client = useQueryClient();
  const part = ID_PART.test(wanted) ? wanted.toLowerCase() : "";
  const id = useSettled(part, TYPING_MS);
  const found = useLiveQuery("GET jobs/find", { query: { id } }, { enabled: id !== "", keepsOld: false });
  if (part === "") return { jobs: [], searching: false };
  // What is typed now counts, not what was asked a moment ago.
  const answered = id === part ? (found.data?.rows ?? []) : [];
  const seen = seenJobs(client).filter((job) => job.id.includes(part));
  const jobs = [...new Map([...seen, ...answered].map((job) => [job.id, job])).values()];
  const over = id === part && !found.isPending;
  return { jobs: jobs.slice(0, MOST_JOBS), searching: jobs.length === 0 && !over };
}

function toJob({ id, name, displayName, state }: JobRow, navigate: Navigate): Command {
  return {
    ...{ id, label: visibleText(displayName ?? name), hint: `${state} · ${shortId(id)}`, icon: "jobs" },
    run: () => void navigate({ to: "/jobs/$id", params: { id } }),
  };
}

function places(navigate: Navigate): Command[] {
  const pages = PLACES.map(
    ({ to, label, icon, key }): Command => ({
      ...{ id: to, label, hint: `g ${key}`, icon },
      run: () => void navigate({ to }),
    }),
  );
  const states = STATES.map(
    (state): Command => ({
      ...{ id: state, label: `Jobs: ${state}`, hint: "", icon: "jobs" },
      run: () => void navigate({ to: "/jobs", search: { state } }),
    }),
  );
  const audit: Command = {
    ...{ id: "audit", label: "Audit trail", hint: "", icon: "eye" },
    run: () => void navigate({ to: "/operations", search: { tab: "audit" } }),
  };
  return [...pages, ...states, audit];
}

function actions(onShortcuts: () => void): Command[] {
  return [
    { id: "pause", label: "Pause live updates, or go on", hint: "p", icon: "pause", run: togglePause },
    { id: "light", label: "Colours: light", hint: "", icon: "theme", run: () => chooseTheme("light") },
    { id: "dark", label: "Colours: dark", hint: "", icon: "theme", run: () => chooseTheme("dark") },
    {
      id: "system",
      label: "Colours: as the system",
      hint: "",
      icon: "theme",
      run: () => chooseTheme("system"),
    },
    { id: "utc", label: "Times in UTC", hint: "", icon: "zone", run: () => void chooseZone("UTC") },
    { id: "keys", label: "Keyboard shortcuts", hint: "?", icon: "info", run: onShortcuts },
  ];
}

function searches(name: string, navigate: Navigate): Command[] {
  const states = ["Failed", "Processing", "Enqueued"] as const;
  return states.map((state) => ({
    ...{ id: `name-${state}`, label: `${state} jobs named “${name}”`, hint: "exact name", icon: "search" },
    run: () => void navigate({ to: "/jobs", search: { state, name } }),
  }));
}
