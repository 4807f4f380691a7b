import { describe, expect, it } from "vitest";
import { parseFilter } from "./filter-grammar.ts";
import { suggest } from "./filter-suggestions.ts";

const known = {
  names: ["mail.welcome", "reports.mail", "billing.charge"],
  queues: ["slow", "critical", "two words"],
  tags: ["eu", 'with "quotes"'],
};
const terms = (line: string) => suggest(line, known).map(({ term }) => term);

describe("what a filter may go on with", () => {
  it.each([
    ["mail", ["mail.welcome", "reports.mail"]],
    ["qu", ["queue:"]],
    ["queue:", ["queue:critical", "queue:slow", 'queue:"two words"']],
    ["tag:eu queue:SL", ["queue:slow"]],
    ["since:", ["since:15m", "since:1h", "since:24h", "since:7d"]],
    ["tag:", ["tag:eu"]],
    ["hold:", ["hold:limit", "hold:none", "hold:unknown"]],
    ["nobody:", []],
    ['error:"timed', []],
    ["queue:slow", []],
  ])("%s", (line, expected) => {
    expect(terms(line)).toEqual(expected);
  });

  it("keeps what stands before it, and goes on behind it", () => {
    expect(suggest("tag:eu queue:sl", known)[0]?.line).toBe("tag:eu queue:slow ");
    expect(suggest("tag:eu que", known)[0]?.line).toBe("tag:eu queue:");
  });

  it("names the filters first, and none that the viewer may not use", () => {
    expect(terms("").slice(0, 3)).toEqual(["name:", "queue:", "tag:"]);
    expect(suggest("", known, ["name"]).map(({ term }) => term)).toEqual(["name:"]);
  });

  it("is understood by the filter, with whatever is in it", () => {
    const [two] = suggest('queue:"two', { ...known }).concat(suggest("queue:two", known));
    expect(parseFilter(two?.line ?? "", "error")).toEqual({ filters: { queue: "two words" } });
    const [name] = suggest("a", { ...known, names: ["a: b"] });
    expect(parseFilter(name?.line ?? "", "error")).toEqual({ filters: { name: "a: b" } });
  });
});
