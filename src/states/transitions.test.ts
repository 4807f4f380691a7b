import { describe, expect, it } from "vitest";
import { JOB_STATES, type JobState } from "../storage/index.ts";
import { reachableFrom, refuseIllegal } from "./transitions.ts";

/** E Enqueued, S Scheduled, A Awaiting, P Processing, + Succeeded, F Failed, D Deleted; "new": about to be stored. */
const TABLE = `
               E S A P + F D
  new          y y y . . . .
  Enqueued     y y . . . . y
  Scheduled    y y . . . . y
  Awaiting     y y . . . . y
  Processing   y y . . y y y
  Succeeded    y y . . . . y
  Failed       y y . . . . y
  Deleted      y y . . . . y
`;

const [, ...rows] = TABLE.trim().split("\n");
const pairs = rows.flatMap((row): [string, JobState, boolean][] => {
  const [from = "", ...cells] = row.trim().split(/\s+/);
  return JOB_STATES.map((to, at) => [from, to, cells[at] === "y"]);
});

function stateOf(text: string): JobState | null {
  return JOB_STATES.find((state) => state === text) ?? null;
}

describe("where a job may go because somebody wants it to", () => {
  it("is told for every pair of states", () => {
    expect(pairs).toHaveLength(8 * 7);
    expect(new Set(pairs.map(([from]) => from)).size).toBe(8);
  });

  it.each(pairs)("%s to %s: %s", (name, to, isLegal) => {
    const from = stateOf(name);
    expect(reachableFrom(from).includes(to)).toBe(isLegal);
    if (isLegal) expect(() => refuseIllegal(from, to)).not.toThrow();
    else
      expect(() => refuseIllegal(from, to)).toThrow(
        expect.objectContaining({ code: "FL_ILLEGAL_TRANSITION" }),
      );
  });

  it("is explained where it is refused: why, and what would be open", () => {
    expect(() => refuseIllegal("Enqueued", "Succeeded")).toThrow(
      "A job that is Enqueued cannot become Succeeded. Only a run ends in Succeeded. What it can become: Enqueued, Scheduled, Deleted.",
    );
    expect(() => refuseIllegal(null, "Deleted")).toThrow(/about to be stored.*cancel it instead/);
  });
});
