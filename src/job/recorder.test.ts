import { isPromise, isProxy } from "node:util/types";
import { describe, expect, test } from "vitest";
import { readCall } from "./job-call.ts";
import { defineJobs } from "./job-set.ts";
import { recorderOf } from "./recorder.ts";
import { newRecording, recordInto } from "./recording.ts";
import { typeOnlyRecorder } from "./type-only-recorder.ts";

const mail = {
  async welcome(to: string): Promise<string> {
    return to;
  },
  toString: (): string => "own",
};
const jobs = defineJobs({ mail, tidy: (n: number): number => n });

function recorded<T>(run: () => T): T {
  return recordInto(newRecording(), run);
}

describe("the recorder of a job set", () => {
  const j = recorderOf(jobs);

  test("is a frozen tree of plain objects, built once, that spreads and lists", () => {
    expect(recorderOf(jobs)).toBe(j);
    expect(Object.keys(j)).toEqual(["mail", "tidy"]);
    expect({ ...j.mail }).toEqual({ welcome: j.mail.welcome, toString: j.mail.toString });
    for (const part of [j, j.mail, j.mail.welcome, j.tidy]) {
      expect(Object.isFrozen(part)).toBe(true);
      expect(isProxy(part)).toBe(false);
    }
  });

  test("gives calls: frozen, neither promise nor thenable, telling name and arguments", () => {
    const call = recorded(() => j.mail.welcome("a"));
    expect(Object.isFrozen(call)).toBe(true);
    expect(isPromise(call)).toBe(false);
    expect("then" in call).toBe(false);
    expect(readCall(call)).toEqual({ name: "mail.welcome", args: ["a"] });
    expect(readCall(recorded(() => j.mail.toString()))).toEqual({ name: "mail.toString", args: [] });
    expect(readCall(recorded(() => j.tidy(1)))).toEqual({ name: "tidy", args: [1] });
  });

  test("is never taken for a promise, and reading what is not there is undefined", async () => {
    expect(await j.mail).toBe(j.mail);
    expect(JSON.stringify(j)).toBe('{"mail":{}}');
    expect(Reflect.get(j.mail, "nope")).toBeUndefined();
    expect(Reflect.get(j, Symbol.toStringTag)).toBeUndefined();
  });

  test("refuses calls outside a capture, saying what to do", () => {
    const outside = expect.objectContaining({
      name: "CallOutsideCaptureError",
      code: "FL_CALL_OUTSIDE_CAPTURE",
    });
    expect(() => j.mail.welcome("a")).toThrow(outside);
    expect(() => j.mail.welcome("a")).toThrow("client.enqueue((j) => j.mail.welcome(…))");
  });

  test("works without `this`", () => {
    const { welcome } = j.mail;
    expect(readCall(recorded(() => welcome("a")))).toEqual({ name: "mail.welcome", args: ["a"] });
  });
});

describe("the recorder of a producer that has only the types", () => {
  const j = typeOnlyRecorder<typeof jobs>();

  test("gives calls of one or two segments", () => {
    expect(readCall(recorded(() => j.mail.welcome("a")))).toEqual({ name: "mail.welcome", args: ["a"] });
    expect(readCall(recorded(() => j.tidy(2)))).toEqual({ name: "tidy", args: [2] });
    const name: unknown = Reflect.get(j.mail, "name");
    expect(readCall(recorded(() => Reflect.apply(name as () => unknown, undefined, [1])))).toEqual({
      name: "mail.name",
      args: [1],
    });
    expect(j.mail).toBe(j.mail);
    expect(j.mail.welcome).toBe(j.mail.welcome);
  });

  test("is never thenable, and never makes names that the registry cannot hold", async () => {
    expect(await j).toBe(j);
    expect(await j.mail).toBe(j.mail);
    for (const name of ["then", "toJSON", "constructor", "prototype", "__proto__", "a.b", "", "*"]) {
      expect(Reflect.get(j, name)).toBeUndefined();
      expect(Reflect.get(j.mail, name)).toBeUndefined();
    }
    expect(Reflect.get(j, Symbol.iterator)).toBeUndefined();
  });

  test("refuses calls outside a capture", () => {
    expect(() => j.tidy(1)).toThrow(expect.objectContaining({ code: "FL_CALL_OUTSIDE_CAPTURE" }));
  });
});

test("nothing but a recorder makes a call", () => {
  const call = recorded(() => recorderOf(jobs).tidy(1));
  for (const forged of [
    {},
    { ...call },
    Object.create(call),
    structuredClone(call),
    null,
    undefined,
    "x",
    () => {},
  ]) {
    expect(readCall(forged)).toBeUndefined();
  }
  expect(readCall(Reflect.construct(call.constructor, ["mail.evil", []]))).toBeUndefined();
});
