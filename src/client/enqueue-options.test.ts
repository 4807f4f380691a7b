import { expect, test } from "vitest";
import { checkEnqueueOptions, checkSharedOptions, overlay } from "./enqueue-options.ts";

test.each<[string, unknown]>([
  ["FL_INVALID_OPTIONS", { prio: 1 }],
  ["FL_INVALID_OPTIONS", 5],
  ["FL_INVALID_OPTIONS", null],
  ["FL_INVALID_QUEUE", { queue: "" }],
  ["FL_INVALID_PRIORITY", { priority: Number.NaN }],
  ["FL_INVALID_ID", { id: 7 }],
])("%s for %j", (code, options) => {
  expect(() => checkEnqueueOptions(options)).toThrow(expect.objectContaining({ code }));
});

test("none, or fields that are undefined, are fine", () => {
  checkEnqueueOptions(undefined);
  checkEnqueueOptions({ queue: undefined, priority: undefined, id: undefined });
});

test("calls cannot share an id", () => {
  checkSharedOptions({ queue: "slow", id: undefined });
  expect(() => checkSharedOptions({ id: crypto.randomUUID() })).toThrow(
    expect.objectContaining({ code: "FL_INVALID_OPTIONS", message: expect.stringContaining("pairs") }),
  );
  expect(() => checkSharedOptions(JSON.parse("null"))).toThrow(
    expect.objectContaining({ code: "FL_INVALID_OPTIONS" }),
  );
});

test("what a call leaves undefined is what all calls share", () => {
  const shared = { queue: "slow", priority: 3 };
  expect(overlay(shared, { queue: undefined, priority: 0, id: "x" })).toEqual({
    queue: "slow",
    priority: 0,
    id: "x",
  });
  expect(overlay(shared, undefined)).toEqual(shared);
});
