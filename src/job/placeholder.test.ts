import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { jobPlaceholders, parentPlaceholder, parentPlaceholders, placeholderOf } from "./placeholder.ts";

const read = (label: string) =>
  expect.objectContaining({
    name: "PlaceholderReadError",
    code: "FL_PLACEHOLDER_READ",
    message: expect.stringContaining(label),
  });

describe("a placeholder", () => {
  const parent = parentPlaceholder<{ rows: number }>("01");
  const [a, b] = parentPlaceholders(["A", "B"]);

  test.each<[string, () => unknown]>([
    ["parent.result", () => parent.result.rows],
    ["parent.result", () => ({ ...parent.result })],
    ["parent.result", () => "rows" in parent.result],
    ["parents[1].result", () => `${b?.result}`],
    ["job.id", () => `${jobPlaceholders.id}`],
    ["job.id", () => jobPlaceholders.id.length],
    ["job.attempt", () => jobPlaceholders.attempt + 1],
    ["job.attempt", () => jobPlaceholders.attempt > 1],
    ["job.dueAt", () => jobPlaceholders.dueAt.getTime()],
    ["job.dueAt", () => jobPlaceholders.dueAt instanceof Date],
    ["job.signal", () => jobPlaceholders.signal.aborted],
    ["job.signal", () => JSON.stringify({ signal: jobPlaceholders.signal })],
    ["job.signal", () => Object.assign(jobPlaceholders.signal, { x: 1 })],
    ["job.dueAt", () => structuredClone(Object.keys(jobPlaceholders.dueAt))],
  ])("%s throws when it is read", (label, look) => {
    expect(look).toThrow(read(label));
  });

  test("rejects when it is awaited: it neither hangs nor resolves", async () => {
    await expect((async () => await parent.result)()).rejects.toThrow(read("parent.result"));
  });

  test("may be compared, passed on and printed", () => {
    const { id } = jobPlaceholders;
    expect(id === jobPlaceholders.id).toBe(true);
    expect(inspect(jobPlaceholders)).toContain("signal");
    expect(placeholderOf([jobPlaceholders.signal][0] ?? {})).toEqual({ kind: "signal" });
  });

  test("of a parent knows its place; the parent's id is known already", () => {
    expect([a?.id, b?.id, parent.id]).toEqual(["A", "B", "01"]);
    expect(placeholderOf(Object(b?.result))).toEqual({ kind: "result", parent: 1 });
    expect(placeholderOf(parent.result)).toEqual({ kind: "result", parent: 0 });
    expect(placeholderOf({})).toBeUndefined();
  });
});
