import { describe, expect, it } from "vitest";
import { encodeArguments } from "../job/codec.ts";
import { jobPlaceholders } from "../job/placeholder.ts";
import { scheduled } from "../states/index.ts";
import { newJob } from "../testing/contract/builders.ts";
import { JobDraft } from "./job-draft.ts";

describe("JobDraft", () => {
  it("shows a job that is about to be stored as a filter sees it", () => {
    const args = encodeArguments([new Date(0), jobPlaceholders.signal]);
    const draft = new JobDraft(newJob({ args, rank: -5, tags: ["a"], parameters: '{"tenant":"acme"}' }));
    expect(draft).toMatchObject({ name: "mail.welcome", queue: "default", priority: 5, tags: ["a"] });
    expect(draft.arguments).toEqual([new Date(0), "{job.signal}"]);
    expect(draft.parameters.get("tenant")).toBe("acme");
    expect(Object.isFrozen(draft.arguments)).toBe(true);
  });

  it("has priority 0, not -0", () => {
    expect(Object.is(new JobDraft(newJob()).priority, 0)).toBe(true);
  });

  it.each([
    ["Enqueued", newJob()],
    ["Scheduled", newJob({ due: { in: 5 } })],
    ["Awaiting", newJob({ gate: { parents: ["a"], condition: "succeeded" } })],
  ])("is %s when it is held so", (state, job) => {
    expect(new JobDraft(job).state).toBe(state);
  });

  it("refuses the tag that is one too many, and one with half a character is mended", () => {
    const draft = new JobDraft(newJob({ tags: Array.from({ length: 19 }, (_, n) => `tag ${n}`) }));
    draft.addTag("half \ud83d");
    expect(draft.tags.at(-1)).toBe("half \ufffd");
    draft.addTag("tag 3");
    expect(() => draft.addTag("one too many")).toThrow(/at most 20/);
  });

  it("writes parameters only when a filter has changed them", () => {
    const draft = new JobDraft(newJob());
    expect(draft.toJob()).not.toHaveProperty("parameters");
    draft.parameters.set("a", 1);
    expect(draft.toJob().parameters).toBe('{"a":1}');
  });

  it("enters another state with all else as it was", () => {
    const draft = new JobDraft(newJob({ tags: ["a"], limit: { key: "k", max: 1, whenFull: "wait" } }));
    draft.enter(scheduled({ in: 5 }, "not now"));
    expect(draft.toJob()).toMatchObject({
      tags: ["a"],
      limit: { key: "k" },
      due: { in: 5 },
      queue: "default",
    });
    expect(draft.state).toBe("Scheduled");
  });
});
