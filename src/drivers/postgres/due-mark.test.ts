import { describe, expect, it } from "vitest";
import { DueMark, FIRST_DUE } from "./due-mark.ts";

describe("DueMark", () => {
  const reached = { dueAt: 1_000, seq: 7 };

  it("stands at the start until a bite was full, and there again when it is forgotten", () => {
    const mark = new DueMark();
    expect(mark.from(5_000)).toBe(FIRST_DUE);
    mark.reached(reached);
    expect(mark.from(5_001)).toEqual(reached);
    mark.forget();
    expect(mark.from(5_002)).toBe(FIRST_DUE);
  });

  it("is forgotten once a second, however full the bites are", () => {
    const mark = new DueMark();
    mark.from(5_000);
    mark.reached(reached);
    expect(mark.from(5_999)).toEqual(reached);
    expect(mark.from(6_000)).toBe(FIRST_DUE);
    mark.reached(reached);
    expect(mark.from(6_001)).toEqual(reached);
  });

  it("is forgotten for a job that is due before it, not for a later one", () => {
    const mark = new DueMark();
    mark.from(5_000);
    mark.reached(reached);
    mark.heard(1_001);
    expect(mark.from(5_001)).toEqual(reached);
    mark.heard(1_000);
    expect(mark.from(5_002)).toBe(FIRST_DUE);
  });
});
