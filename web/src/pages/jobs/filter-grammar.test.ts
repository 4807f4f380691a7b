import { describe, expect, it } from "vitest";
import { parseFilter } from "./filter-grammar.ts";
import { filterOf, instantOf } from "./job-search.ts";

describe("what people type as a filter", () => {
  it.each([
    ["mail.welcome", { name: "mail.welcome" }],
    ['queue:slow tag:eu "timed out"', { queue: "slow", tag: "eu", error: "timed out" }],
    ['error:"a: b" since:2h', { error: "a: b", since: "2h" }],
    ["TYPE:a.b path:0.user.id args:42", { name: "a.b", path: "0.user.id", args: "42" }],
    ["queue: tag:x", { tag: "x" }],
    ["hold:unknown", { hold: "unknown" }],
  ])("%s", (text, filters) => {
    expect(parseFilter(text, "error")).toEqual({ filters });
  });

  it("a whole id leads to its job", () => {
    const id = "01A2208F-18B2-732D-99A2-9617C00432A1";
    expect(parseFilter(id, "args")).toEqual({ filters: {}, id: id.toLowerCase() });
  });

  it("a time without an offset is by the clock of who types it, and stands in the link as an instant", () => {
    const at = (text: string) => parseFilter(`since:${text}`, "args", "Asia/Tokyo");
    expect(at("2026-11-28T09:00")).toEqual({ filters: { since: String(Date.UTC(2026, 10, 28)) } });
    expect(at("2026-11-28T09:00Z")).toEqual({ filters: { since: "2026-11-28T09:00Z" } });
    expect(at("2h")).toEqual({ filters: { since: "2h" } });
  });

  it.each([
    "nonsense:1",
    'error:"timed out',
    "since:yesterday",
    "path:0.id",
    "hold:on",
    `name:${"x".repeat(201)}`,
  ])("%s is refused with a reason", (text) => {
    expect(parseFilter(text, "error").problem).toMatch(/\w/);
  });
});

describe("a filter for the API", () => {
  const now = 1_800_000_059_999;

  it("takes spans from whole minutes, so that the list keeps its name", () => {
    expect(filterOf({ since: "1h" }, now)).toEqual({ state: "Enqueued", since: 1_799_996_400_000 });
  });

  it("takes what may hold a job, and leaves out what holds none", () => {
    expect(filterOf({ hold: "limit" }, now)).toEqual({ state: "Enqueued", hold: "limit" });
    expect(filterOf({ hold: "me" }, now)).toEqual({ state: "Enqueued" });
  });

  it("takes instants and dates as they are, and leaves out what is no time", () => {
    expect(instantOf("1795842582641", now)).toBe(1_795_842_582_641);
    expect(instantOf("2026-11-28T09:00Z", now)).toBe(Date.UTC(2026, 10, 28, 9));
    expect(instantOf("2026-11-28T09:00", now)).toBe(Date.UTC(2026, 10, 28, 9));
    expect(filterOf({ state: "nonsense", before: "soon" }, now)).toEqual({ state: "Enqueued" });
  });
});
