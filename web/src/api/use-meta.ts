import { useQuery } from "@tanstack/react-query";
import type { Meta, Permission } from "../../../src/dashboard/api/index.ts";
import { call } from "./call.ts";

/** Asked once when the page starts, before anything else is shown. */
export const META_QUERY = {
  queryKey: ["GET meta"],
  queryFn: ({ signal }: { signal: AbortSignal }) => call("GET meta", { signal }),
  staleTime: 300_000,
};

export function useMeta(): Meta | undefined {
  return useQuery(META_QUERY).data;
}

/** Whether the viewer may: what is hidden here is refused by the server as well. */
export function useCan(permission: Permission): boolean {
  const meta = useMeta();
  return meta !== undefined && !meta.readOnly && meta.viewer.permissions.includes(permission);
}

/** Looking is not doing: a dashboard that is read only still shows data to those who may see it. */
export function useMaySeeData(): boolean {
  return useMeta()?.viewer.permissions.includes("view-data") ?? false;
}
