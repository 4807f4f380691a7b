import { getRouteApi, useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useShortcuts } from "../../app/shortcuts.ts";
import { neighbour } from "../jobs/job-trail.ts";
import { JobView } from "./job-view.tsx";

const route = getRouteApi("/jobs/$id");

export function JobPage(): ReactElement {
  const { id } = route.useParams();
  useTrailKeys(id);
  return <JobView id={id} />;
}

function useTrailKeys(id: string): void {
  const navigate = useNavigate();
  const go = (step: 1 | -1) => {
    const to = neighbour(id, step);
    if (to !== undefined) void navigate({ to: "/jobs/$id", params: { id: to } });
  };
  useShortcuts([
    { keys: "]", label: "Next job of the list", group: "Job", repeats: true, run: () => go(1) },
    { keys: "[", label: "Job before in the list", group: "Job", repeats: true, run: () => go(-1) },
  ]);
}
