import { expect, test } from "vitest";
import { checkEnqueueOptions, checkId } from "./enqueue-options.ts";

test("an id is any UUID, kept in lower case", () => {
  expect(checkId("01970000-0000-7000-8000-00000000ABCD")).toBe("01970000-0000-7000-8000-00000000abcd");
  expect(() => checkId("job-1")).toThrow(expect.objectContaining({ code: "FL_INVALID_ID" }));
});

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
