import { describe, expect, it } from "vitest";
import { jobPlaceholders } from "./placeholder.ts";
import { digested, fillTemplate, hasSlots } from "./template.ts";

describe("hasSlots", () => {
  it.each([
    ["tenant-{0}", true],
    ["{12}", true],
    ["tenant", false],
    ["{}", false],
    ["{a}", false],
    ["{0", false],
  ])("%s: %s", (template, has) => {
    expect(hasSlots(template)).toBe(has);
    // A search that remembers where it stood would alternate.
    expect(hasSlots(template)).toBe(has);
  });
});

describe("fillTemplate", () => {
  it("puts arguments in by their number, again and again", () => {
    expect(fillTemplate("{1}/{0}/{1}", ["a", "b"])).toBe("b/a/b");
  });

  it.each<[string, unknown, string]>([
    ["a text as it is", "Zoë {0} $& $1", "Zoë {0} $& $1"],
    ["a number", 42, "42"],
    ["false", false, "false"],
    ["null as it is stored", null, "[null]"],
    ["a bigint", 12n, "12"],
    ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["a date that is none", new Date(Number.NaN), "an invalid date"],
    ["an object as it is stored", { b: 1, a: [2] }, '[{"b":1,"a":[2]}]'],
  ])("%s", (_, value, text) => {
    expect(fillTemplate("{0}", [value])).toBe(text);
  });

  it("tells any two values apart, however long they are", () => {
    const long = "x".repeat(10_000);
    expect(fillTemplate("{0}", [`${long}1`])).not.toBe(fillTemplate("{0}", [`${long}2`]));
    expect(fillTemplate("{0}", [{ a: 1 }])).not.toBe(fillTemplate("{0}", [{ a: 2 }]));
  });

  it("leaves the slot of what is missing or known only when the job runs", () => {
    expect(fillTemplate("{0}-{1}", ["a"])).toBe("a-{1}");
    expect(fillTemplate("{0}", [undefined])).toBe("{0}");
    expect(fillTemplate("{0}", [jobPlaceholders.signal])).toBe("{0}");
  });
});

describe("digested", () => {
  it("leaves a text that fits as it is", () => {
    expect(digested("account 42", 10)).toBe("account 42");
  });

  it("keeps long texts apart that differ at their end alone, each within the length", () => {
    const [one, two] = [1, 2].map((n) => digested(`${"x".repeat(300)}${n}`, 200));
    expect(one).toHaveLength(200);
    expect(one).toMatch(/^x{100,}~[\w-]{43}$/);
    expect(one).not.toBe(two);
    expect(digested(`${"x".repeat(300)}1`, 200)).toBe(one);
  });

  it("leaves no half of a character: no store keeps it", () => {
    expect(digested("a\ud83d", 10).isWellFormed()).toBe(true);
    expect(digested("\ud83d\ude00".repeat(200), 101).isWellFormed()).toBe(true);
    expect(digested("\ud83d\ude00".repeat(200), 100).isWellFormed()).toBe(true);
  });
});
