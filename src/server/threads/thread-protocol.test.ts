import { describe, expect, it } from "vitest";
import { errorOf, isEnvelope, problemOf } from "./thread-protocol.ts";

describe("a problem that is told to the other side", () => {
  it("keeps the message and the stack of an error", () => {
    const error = new TypeError("no such thing");
    expect(errorOf(problemOf(error))).toMatchObject({ message: error.message, stack: error.stack });
  });

  it("is bounded, however much was thrown", () => {
    const error = new Error("x".repeat(1_000_000));
    const { message, stack = "" } = problemOf(error);
    expect(message.length).toBeLessThanOrEqual(2_000);
    expect(stack.length).toBeLessThanOrEqual(8_000);
    expect(problemOf("x".repeat(1_000_000)).message.length).toBeLessThanOrEqual(2_000);
  });

  const unreadable = Object.defineProperty(new Error("x"), "message", {
    get() {
      throw new Error("nor this");
    },
  });
  const noText = Object.assign(new Error("x"), { message: () => "a function", stack: Symbol("no stack") });
  it.each([
    ["nothing", undefined],
    ["an object without a prototype", Object.create(null)],
    ["a symbol", Symbol("s")],
    ["an error that cannot be read", unreadable],
    ["an error whose message is no text", noText],
  ])("is text that can be posted when %s was thrown", (_, thrown) => {
    const problem = problemOf(thrown);
    expect(structuredClone(problem)).toEqual(problem);
    expect(typeof problem.message).toBe("string");
  });
});

describe("isEnvelope", () => {
  it.each([null, undefined, "ready", 0, [], {}, { kind: "ready" }])(
    "is not taken in by what code of the jobs posts: %j",
    (message) => {
      expect(isEnvelope(message)).toBe(false);
    },
  );
});
