import { describe, expect, it } from "vitest";
import { makeJobs } from "../../../fixture/make-jobs.ts";
import { mergePages } from "./merge-pages.ts";

const [first, second, third, fourth, fifth] = makeJobs(1_000_000);
if (!first || !second || !third || !fourth || !fifth)
  throw new Error("The fixture makes at least five jobs.");

describe("a list that holds still", () => {
  it("counts what has come, and does not show it", () => {
    const merged = mergePages([{ rows: [second, third], next: null }], {
      rows: [first, second, third],
      next: null,
    });
    expect(merged.rows).toEqual([second, third]);
    expect(merged.arrived).toBe(1);
    expect(merged.gone.size).toBe(0);
  });

  it("marks what has gone, and brings the rest up to date in its place", () => {
    const changed = { ...third, attempt: 9 };
    const merged = mergePages([{ rows: [second, third], next: null }], { rows: [changed], next: null });
    expect(merged.rows).toEqual([second, changed]);
    expect([...merged.gone]).toEqual([second.id]);
  });

  it("takes nothing for gone that may stand on the next page", () => {
    const fresh = { rows: [first, second, third], next: "more" };
    const merged = mergePages(
      [
        { rows: [second, third, fourth], next: "more" },
        { rows: [fifth], next: null },
      ],
      fresh,
    );
    expect(merged.gone.size).toBe(0);
  });

  it("takes nothing for gone when the first page holds only new ones", () => {
    const fresh = { rows: [fourth, fifth], next: "more" };
    const merged = mergePages([{ rows: [first, second, third], next: null }], fresh);
    expect(merged.gone.size).toBe(0);
    expect(merged.arrived).toBe(2);
  });

  it("shows a job once that stands on two pages, in its first place, as it is on the later one", () => {
    const again = { ...first, attempt: 9 };
    const merged = mergePages(
      [
        { rows: [first, second], next: "more" },
        { rows: [third, again], next: null },
      ],
      undefined,
    );
    expect(merged.rows).toEqual([again, second, third]);
  });

  it("is what was loaded until the first page was asked again", () => {
    expect(mergePages([{ rows: [first], next: null }], undefined)).toEqual({
      rows: [first],
      gone: new Set(),
      arrived: 0,
    });
  });
});
