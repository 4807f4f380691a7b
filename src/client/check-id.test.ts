import { expect, test } from "vitest";
import { checkId, checkParentId, readId } from "./check-id.ts";

const invalid = (text: string) =>
  expect.objectContaining({ code: "FL_INVALID_ID", message: expect.stringContaining(text) });
const UPPER = "01970000-0000-7000-8000-00000000ABCD";

test("an id is any UUID, kept in lower case", () => {
  for (const read of [checkId, checkParentId, readId]) expect(read(UPPER)).toBe(UPPER.toLowerCase());
});

test("a text that is no UUID is refused where a job must be found or made, and else is nobody's id", () => {
  expect(() => checkId("job-1")).toThrow(invalid("crypto.randomUUID()"));
  expect(() => checkParentId("job-1")).toThrow(invalid("the id that enqueue gave"));
  expect(readId("job-1")).toBeUndefined();
});

test.each<unknown>([undefined, null, 5, {}, []])("%j is no id anywhere", (value) => {
  for (const read of [checkId, checkParentId, readId])
    expect(() => read(value)).toThrow(invalid("Cannot use"));
});

test("a promise is an id that was not awaited", () => {
  for (const read of [checkId, checkParentId, readId]) {
    expect(() => read(Promise.resolve(UPPER))).toThrow(invalid("Cannot use a promise as the id"));
    expect(() => read(Promise.resolve(UPPER))).toThrow(invalid("Await it first"));
  }
});
