import { type UseNavigateResult, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { togglePause } from "../api/live-feed.ts";
import { useLiveQuery } from "../api/use-live-query.ts";
import type { IconName } from "../parts/icon.tsx";
import { shortId } from "../parts/short-id.ts";
import { STATES } from "../parts/states.ts";
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

export function useCommands(
  text: string,
  onShortcuts: () => void,
): { commands: readonly Command[]; searching: boolean } {
  const navigate = useNavigate();
  const wanted = text.trim();
  const isId = ID_PART.test(wanted);
  const id = useSettled(isId ? wanted.toLowerCase() : "");
  const found = useLiveQuery("GET jobs/find", { query: { id } }, { enabled: id !== "" });
  const jobs = id === "" ? [] : (found.data?.rows ?? []);
  const words = wanted.toLowerCase().split(/\s+/);
  const fixed = [...places(navigate), ...actions(onShortcuts)].filter(({ label }) =>
    words.every((word) => label.toLowerCase().includes(word)),
  );
  const forJobs = jobs.map(
    (job): Command => ({
      ...{
        id: job.id,
        label: job.displayName ?? job.name,
        hint: `${job.state} · ${shortId(job.id)}`,
        icon: "jobs",
      },
      run: () => void navigate({ to: "/jobs/$id", params: { id: job.id } }),
    }),
  );
  // A name may look like the beginning of an id; while jobs are looked for, nothing else must be hit by Enter.
  const noId = !isId || (id !== "" && found.isSuccess && !found.isFetching && jobs.length === 0);
  const byName: readonly Command[] = wanted !== "" && noId ? searches(wanted, navigate) : [];
  return { commands: [...forJobs, ...fixed, ...byName], searching: isId && !noId && jobs.length === 0 };
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

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return value === "" ? "" : settled;
}
