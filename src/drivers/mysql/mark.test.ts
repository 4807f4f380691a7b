import { expect, test } from "vitest";
import { Mark, Marks } from "./mark.ts";

test("a mark only rises, by rank and then by number", () => {
  const mark = new Mark();
  for (const place of [
    { rank: 0, seq: 5 },
    { rank: 0, seq: 4 },
    { rank: -1, seq: 9 },
  ]) {
    mark.raise(place);
    expect(mark.place).toEqual({ rank: 0, seq: 5 });
  }
  mark.raise({ rank: 1, seq: 1 });
  expect(mark.place).toEqual({ rank: 1, seq: 1 });
});

test.each([
  ["a higher priority", { rank: -1, seq: 9 }, true],
  ["a job that is put back", { rank: 0, seq: 5 }, true],
  ["a job behind all others", { rank: 0, seq: 6 }, false],
])("%s, written by this process, is looked for below the mark: %o, %s", (_, place, due) => {
  const marks = new Marks("a place");
  const mark = marks.of("a");
  mark.raise({ rank: 0, seq: 5 });
  mark.looks(1_000);
  expect(mark.isLookDue(1_001)).toBe(false);
  marks.readied(new Map([["b", place]]));
  expect(mark.isLookDue(1_001)).toBe(false);
  marks.readied(new Map([["a", place]]));
  expect(mark.isLookDue(1_001)).toBe(due);
});

test("what others have written is looked for, at the latest after a second", () => {
  const marks = new Marks("a place");
  const mark = marks.of("a");
  mark.looks(1_000);
  expect([mark.isLookDue(1_999), mark.isLookDue(2_000)]).toEqual([false, true]);
  marks.suspectAll();
  expect(mark.isLookDue(1_001)).toBe(true);
});
