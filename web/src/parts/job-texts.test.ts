import { describe, expect, it } from "vitest";
import { formatDuration, formatRelative } from "../time/format-duration.ts";
import { detailText } from "./detail-text.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { readSpecial } from "./shown-json.ts";
import { readStack } from "./stack-frames.ts";
import { visibleText } from "./visible-text.ts";

describe("a stack", () => {
  it("has the frames of the application apart from all others, without the message", () => {
    const { own, foreign } = readStack(
      "Error: at last\n    at a (file:///app/a.ts:1:1)\n    at b (/app/node_modules/x/b.js:2:2)\n    at node:internal/c:3:3\n    at new Promise (<anonymous>)",
    );
    expect(own.map(({ text }) => text)).toEqual(["a (file:///app/a.ts:1:1)"]);
    expect(foreign).toHaveLength(3);
  });
});

describe("text that hides something", () => {
  it("shows what turns, joins and rings", () => {
    expect(visibleText("a\u202eb\u0007\u200b\ufeff")).toBe("a\\u202eb\\u0007\\u200b\\ufeff");
  });

  it("leaves lines, tabs and families alone", () => {
    expect(visibleText("a\n\tb 👨‍👩‍👧")).toBe("a\n\tb 👨‍👩‍👧");
  });
});

describe("what JSON cannot say", () => {
  it.each([
    [{ $bigint: "12" }, "12n"],
    [{ $date: "2026-01-31T09:00:00.000Z" }, "Date 2026-01-31T09:00:00.000Z"],
    [{ $regexp: ["a", "i"] }, "/a/i"],
    [{ $cut: 12 }, "… 12 more"],
  ])("%o", (value, text) => {
    expect(readSpecial(value)).toMatchObject({ kind: "text", text });
  });

  it("is not a plain object with more keys, or with a key of nobody", () => {
    expect(readSpecial({ $date: "x", b: 1 })).toBeUndefined();
    expect(readSpecial({ $nobody: 1 })).toBeUndefined();
    expect(readSpecial({ $object: { $date: "x" } })).toEqual({
      kind: "value",
      word: "",
      value: { $date: "x" },
    });
  });
});

describe("a time span in words", () => {
  it.each([
    [0, "0 ms"],
    [340, "340 ms"],
    [4_200, "4.2 s"],
    [59_960, "59 s"],
    [192_000, "3 m 12 s"],
    [187_200_000, "2 d 4 h"],
  ])("%i", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it("is told from now, in both directions", () => {
    expect(formatRelative(1_000_000, 1_012_000)).toBe("12 s ago");
    expect(formatRelative(1_200_000, 1_000_000)).toBe("in 3 m");
    expect(formatRelative(1_000, 1_400)).toBe("now");
  });
});

describe("what the audit trail says besides", () => {
  it("is one line, whatever is in it", () => {
    const details = {
      kind: "requeue",
      pace: null,
      filter: { state: "Failed", tag: "a\u202eb" },
      first: ["x", 2],
    };
    expect(detailText(details)).toBe("kind: requeue · filter: state Failed, tag a\\u202eb · first: x, 2");
  });
});

describe("a filter on errors", () => {
  it("is known for a fingerprint when it is one", () => {
    expect(fingerprintOf('"fingerprint":"eb520c75014136c5"')).toBe("eb520c75014136c5");
    expect(fingerprintOf("eb520c75014136c5")).toBe("eb520c75014136c5");
    expect(fingerprintOf("timed out")).toBeUndefined();
  });
});
