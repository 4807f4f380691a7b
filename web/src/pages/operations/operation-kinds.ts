import type { JobFilter, OperationKind, Permission } from "../../../../src/dashboard/api/index.ts";

type State = JobFilter["state"];
type Need = Extract<Permission, "requeue" | "reschedule" | "delete">;

/** What can be done to all that match, and what it takes. */
export interface Kind {
  readonly value: OperationKind;
  readonly label: string;
  readonly needs: Need;
  /** Jobs of these states it would not change, or take away from under a run: the API refuses them. */
  readonly senseless: readonly State[];
}

export const REQUEUE: Kind = {
  value: "requeue",
  label: "Requeue",
  needs: "requeue",
  senseless: ["Enqueued", "Processing"],
};

export const KINDS: readonly Kind[] = [
  REQUEUE,
  {
    value: "move",
    label: "Move",
    needs: "requeue",
    senseless: ["Awaiting", "Processing", "Succeeded", "Failed", "Deleted"],
  },
  { value: "reschedule", label: "Reschedule", needs: "reschedule", senseless: ["Processing"] },
  { value: "delete", label: "Delete", needs: "delete", senseless: ["Deleted"] },
];

/** The kinds that make sense for jobs of a state, for somebody who may do them. */
export function kindsFor(state: State, may: Readonly<Record<Need, boolean>>): Kind[] {
  return KINDS.filter(({ needs, senseless }) => may[needs] && !senseless.includes(state));
}
