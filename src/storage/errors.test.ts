import { expect, test } from "vitest";
import { StorageFailedError } from "./errors.ts";

const cause = new Error("disk I/O error");

test.each([
  ["open", "check the path or address"],
  ["store jobs", "with an id of your own"],
  ["read jobs", "try again once it is mended"],
  ["constructor", "try again once it is mended"],
])("a storage that failed to %s says what helps then", (doing, mend) => {
  const error = new StorageFailedError("sqlite:jobs.db", doing, cause);
  expect(error.message).toContain(`failed to ${doing}: disk I/O error. See the cause`);
  expect(error.message).toContain(mend);
  expect(error.cause).toBe(cause);
});
