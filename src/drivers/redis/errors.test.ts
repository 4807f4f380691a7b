import { expect, test } from "vitest";
import { StorageBusyError, StorageFailedError } from "../../storage/index.ts";
import { ConnectionLostError, hasDoneNothing, isLost, isRefusal, movedTo, toStorageError } from "./errors.ts";

test.each([
  "Stream isn't writeable and enableOfflineQueue options is false",
  "LOADING Redis is loading the dataset in memory",
  "READONLY You can't write against a read only replica. script: abc, on @user_script:1.",
  "ERR Error running script (call to f_1): @user_script:9: @user_script: 9: -READONLY You can't write against a read only replica.",
  "CLUSTERDOWN Hash slot not served",
  "MASTERDOWN Link with MASTER is down",
  "MOVED 1 127.0.0.1:7000",
  "BUSY Redis is busy running a script.",
])("%s: nothing was done", (message) => {
  expect(hasDoneNothing(new Error(message))).toBe(true);
  expect(isLost(new Error(message))).toBe(false);
});

test.each(["OOM command not allowed", "ERR unknown command", "WRONGPASS invalid", "Connection is closed."])(
  "%s: the same again may do something twice, or never",
  (message) => expect(hasDoneNothing(new Error(message))).toBe(false),
);

test("a lost connection leaves open what was done", () => {
  expect([isLost(new ConnectionLostError()), hasDoneNothing(new ConnectionLostError())]).toEqual([
    true,
    false,
  ]);
});

test("a refused password is no passing trouble", () => {
  expect(isRefusal(new Error("WRONGPASS invalid username-password pair or user is disabled."))).toBe(true);
  expect(isRefusal(new Error("NOAUTH Authentication required."))).toBe(true);
  expect(isRefusal(new Error("connect ECONNREFUSED 127.0.0.1:1"))).toBe(false);
});

test.each([
  ["MOVED 12 10.0.0.7:7001", { host: "10.0.0.7", port: 7001 }],
  ["MOVED 12 ::1:7001", { host: "::1", port: 7001 }],
  ["MOVED 12 :7001", undefined],
  ["ASK 12 10.0.0.7:7001", undefined],
])("%s", (message, place) => expect(movedTo(new Error(message))).toEqual(place));

test("what a command was given is not kept with its error", () => {
  const cause = Object.assign(new Error("WRONGPASS"), { command: { name: "auth", args: ["s3cr3t"] } });
  const error = toStorageError("redis://h", "open", cause);
  expect(error).toBeInstanceOf(StorageFailedError);
  expect(error.cause).toBe(cause);
  expect(JSON.stringify(Object.entries(cause))).not.toContain("s3cr3t");
});

test("a server that is busy with a script of somebody is told as busy", () => {
  expect(toStorageError("redis://h", "store jobs", new Error("BUSY Redis is busy"))).toBeInstanceOf(
    StorageBusyError,
  );
});
