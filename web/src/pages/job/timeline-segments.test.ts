import { describe, expect, it } from "vitest";
import { makeJobs } from "../../../fixture/make-jobs.ts";
import { courseOf } from "./timeline-segments.ts";

const now = 1_000_000_000;
const jobs = makeJobs(now);
const inState = (state: string, attempt: number) =>
  jobs.find((job) => job.state === state && job.attempt === attempt);

describe("the course of a job", () => {
  it("adds up to its whole life, and ends where it came to rest", () => {
    const job = inState("Failed", 3);
    const course = courseOf(job ?? { history: [] }, now);
    expect(course.waitedMs + course.ranMs).toBe(course.to - course.from);
    expect(course.to).toBe(job?.stateAt);
    expect(course.segments.at(-1)?.open).toBe(false);
  });

  it("takes a failure that is tried again for a mark, not a span", () => {
    const { segments } = courseOf(inState("Failed", 3) ?? { history: [] }, now);
    const failures = segments.filter(({ state }) => state === "Failed");
    expect(failures).toHaveLength(3);
    expect(failures.every(({ from, to }) => from === to)).toBe(true);
  });

  it("goes on until now while the job is on its way", () => {
    const course = courseOf(inState("Processing", 1) ?? { history: [] }, now);
    expect(course.segments.at(-1)).toMatchObject({ state: "Processing", to: now, open: true });
  });

  it("is empty when nothing is known", () => {
    expect(courseOf({ history: [] }, now)).toEqual({
      segments: [],
      waitedMs: 0,
      ranMs: 0,
      from: now,
      to: now,
    });
  });
});
