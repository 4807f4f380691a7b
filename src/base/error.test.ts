import { describe, expect, it } from "vitest";
import { FirelaterError, preview } from "./error.ts";
import { maskSecrets } from "./logger.ts";

class ParcelLostError extends FirelaterError {}

describe("FirelaterError", () => {
  it("says what, why and how to mend it, and keeps its code, its cause and its class", () => {
    const cause = new Error("wire cut");
    const error = new ParcelLostError({
      code: "FL_PARCEL_LOST",
      what: "It is gone.",
      why: "It fell.",
      mend: "Look.",
      cause,
    });
    expect(error.message).toBe("It is gone. It fell. Look.");
    expect(error).toMatchObject({ code: "FL_PARCEL_LOST", name: "ParcelLostError", cause });
    expect(error).toBeInstanceOf(Error);
  });

  it("has no cause when none was given", () => {
    const error = new FirelaterError({ code: "FL_X", what: "X." });
    expect(error.message).toBe("X.");
    expect("cause" in error).toBe(false);
  });
});

describe("preview", () => {
  it.each<[unknown, string]>([
    ["text", '"text"'],
    [null, "null"],
    [undefined, "undefined"],
    [12n, "12n"],
    [Symbol("s"), "Symbol(s)"],
    [() => 1, "a function"],
    [[1, 2], "an array of 2"],
    [{ a: 1 }, "an object"],
    [Object.create(null), "an object"],
    [new Map(), "an instance of Map"],
  ])("shows %# on one line", (value, text) => expect(preview(value)).toBe(text));

  it("never shows a whole payload", () => {
    expect(preview("x".repeat(1_000_000))).toHaveLength(60);
    expect(preview("line\nbreak")).not.toContain("\n");
  });
});

describe("maskSecrets", () => {
  it.each([
    ["postgres://me:hunter2@host/db", "postgres://me:***@host/db"],
    ["redis://:hunter2@host", "redis://:***@host"],
    ["host=x;password=hunter2;db=y", "host=x;password=***;db=y"],
    ["mysql://host/db?user=me&token=hunter2", "mysql://host/db?user=me&token=***"],
    ["sqlite:/tmp/jobs.db", "sqlite:/tmp/jobs.db"],
  ])("%s → %s", (text, masked) => expect(maskSecrets(text)).toBe(masked));
});
