import { describe, expect, it } from "vitest";
import { type CommitState, JOB_STATES } from "../storage/index.ts";
import { mayChange } from "./transitions.ts";

const TARGETS: readonly CommitState[] = ["Enqueued", "Scheduled", "Succeeded", "Failed", "Deleted"];
const pairs = JOB_STATES.flatMap((from) => TARGETS.map((to) => [from, to] as const));

describe("a server", () => {
  it.each(pairs)("settles %s into %s only when it is processing the job", (from, to) => {
    expect(mayChange(from, to, "server")).toBe(from === "Processing");
  });
});

describe("an operator", () => {
  it.each(pairs)("may move %s to %s when that makes it ready, due or deleted", (from, to) => {
    expect(mayChange(from, to, "operator")).toBe(["Enqueued", "Scheduled", "Deleted"].includes(to));
  });
});
