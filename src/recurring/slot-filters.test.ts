import { afterEach, describe, expect, it, vi } from "vitest";
import { filterChain } from "../filters/filter-chain.ts";
import { LONGEST_ANSWER_MS } from "../filters/in-time.ts";
import type { CreatedContext, JobFilter } from "../job/job-filter.ts";
import type { NewJob } from "../storage/index.ts";
import { newJob } from "../testing/contract/builders.ts";
import { SlotFilters } from "./slot-filters.ts";

afterEach(() => void vi.useRealTimers());

const jobs: readonly NewJob[] = [newJob({ name: "a" }), newJob({ name: "b" })];
const filtersOf = (...filters: JobFilter[]) =>
  new SlotFilters(
    () => filterChain([filters]),
    () => {},
  );

describe("the filters of a slot", () => {
  it("concern nothing where there are none", () => {
    expect(
      new SlotFilters(
        () => undefined,
        () => {},
      ).concern(jobs),
    ).toBe(false);
    expect(filtersOf({ onCreating() {} }).concern(jobs)).toBe(true);
  });

  it("change what is stored, and hear whether it was, or another server was faster", async () => {
    const created: Pick<CreatedContext, "existed">[] = [];
    const filters = filtersOf({
      onCreating: ({ job, addTag }) => addTag(`of ${job.name}`),
      onCreated: ({ existed }) => void created.push({ existed }),
    });
    for (const isStored of [true, false]) {
      const admission = await filters.admit(jobs);
      expect(admission.jobs.map(({ tags }) => tags)).toEqual([["of a"], ["of b"]]);
      expect(created).toEqual([]);
      await admission.stored(isStored);
      expect(created.splice(0)).toEqual([{ existed: !isStored }, { existed: !isStored }]);
    }
  });

  it("leave out what one of them cancels", async () => {
    const filters = filtersOf({
      onCreating: ({ job, cancel }) => (job.name === "a" ? cancel("closed") : undefined),
    });
    const admission = await filters.admit(jobs);
    expect(admission.jobs.map(({ name }) => name)).toEqual(["b"]);
    await admission.stored(true);
  });

  it("keep all from being stored when one of them throws", async () => {
    const onCreated = vi.fn();
    const filters = filtersOf({
      onCreating: ({ job }) => {
        if (job.name === "b") throw new Error("no");
      },
      onCreated,
    });
    await expect(filters.admit(jobs)).rejects.toThrow("no");
    await expect
      .poll(() => onCreated.mock.calls.map(([context]) => context.error))
      .toEqual([expect.any(Error)]);
  });

  it("that do not answer hold no other recurring job up for ever", async () => {
    vi.useFakeTimers();
    const filters = filtersOf({
      onCreating: ({ job }) => (job.name === "b" ? new Promise(() => {}) : undefined),
    });
    const refused = expect(filters.admit(jobs)).rejects.toThrow(
      "a filter has not answered within 30 seconds",
    );
    await vi.advanceTimersByTimeAsync(LONGEST_ANSWER_MS);
    await refused;
  });

  it("hear why nothing was stored", async () => {
    const onClientException = vi.fn();
    const admission = await filtersOf({ onCreating() {}, onClientException }).admit(jobs);
    await admission.failed(new Error("down"));
    expect(onClientException.mock.calls.map(([{ error }]) => error.message)).toEqual(["down", "down"]);
  });
});
