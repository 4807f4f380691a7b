import { describe, expect, it } from "vitest";
import { makeJobs } from "../../../fixture/make-jobs.ts";
import { jobLines } from "./job-lines.ts";

describe("jobs as lines of JSON", () => {
  it("are one line each, whatever is in them", () => {
    const jobs = makeJobs(1_000_000).map((job) => ({ ...job, displayName: "a\nb\u2028c" }));
    const lines = jobLines(jobs).join("").split("\n");
    expect(lines).toHaveLength(jobs.length + 1);
    expect(lines.slice(0, -1).map((line) => JSON.parse(line).id)).toEqual(jobs.map(({ id }) => id));
  });

  it("tell times so that people and programs read them", () => {
    const [job] = makeJobs(1_000_000);
    const [line = ""] = jobLines(job === undefined ? [] : [{ ...job, createdAt: 0, dueAt: null }]);
    expect(JSON.parse(line)).toMatchObject({ createdAt: "1970-01-01T00:00:00.000Z", dueAt: null });
  });
});
