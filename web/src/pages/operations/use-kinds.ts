import type { JobFilter } from "../../../../src/dashboard/api/index.ts";
import { useCan } from "../../api/use-meta.ts";
import { type Kind, kindsFor } from "./operation-kinds.ts";

/** What this viewer may do to all jobs of a state; nothing without a state, or the permission for operations. */
export function useKinds(state: JobFilter["state"] | undefined): readonly Kind[] {
  const may = { requeue: useCan("requeue"), reschedule: useCan("reschedule"), delete: useCan("delete") };
  const mayOperate = useCan("operate");
  return mayOperate && state !== undefined ? kindsFor(state, may) : [];
}
