import type { GateCondition } from "../../storage/index.ts";

/** The endings of a parent that gates hear of. */
export type Ending = "Succeeded" | "Deleted";

/** Whether a parent that ended so is one for which the gate has waited; any other breaks it. */
export function meets(condition: GateCondition, ending: Ending): boolean {
  if (condition === "ended") return true;
  return (condition === "succeeded") === (ending === "Succeeded");
}

/** Conditions as small integers. Frozen with the schemas; gates of before there were any wait for success. */
export const CONDITION = { succeeded: 0, deleted: 1, ended: 2 } as const satisfies Record<
  GateCondition,
  number
>;

const CONDITIONS: readonly (GateCondition | undefined)[] = ["succeeded", "deleted", "ended"];

export function toCondition(code: number): GateCondition {
  const condition = CONDITIONS[code];
  if (condition === undefined) throw new TypeError(`unknown gate condition ${code} in the database`);
  return condition;
}
