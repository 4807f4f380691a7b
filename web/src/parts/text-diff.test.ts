import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffWords } from "./text-diff.ts";

const text = (before: string, after: string) =>
  diffWords(before, after)
    .map(({ kind, text: part }) => ({ same: part, gone: `[-${part}]`, new: `[+${part}]` })[kind])
    .join("");

describe("what differs between two texts", () => {
  it.each([
    ["no user 41", "no user 42", "no user [-41][+42]"],
    ["same", "same", "same"],
    ["", "all new", "[+all new]"],
    [
      "connect ETIMEDOUT 10.0.4.12:587",
      "connect ETIMEDOUT 10.0.4.13:587",
      "connect ETIMEDOUT 10.0.4.[-12][+13]:587",
    ],
  ])("%s, then %s", (before, after, told) => {
    expect(text(before, after)).toBe(told);
  });

  it("gives back both texts, whatever they are", () => {
    const side = (before: string, after: string, without: "gone" | "new") =>
      diffWords(before, after)
        .filter(({ kind }) => kind !== without)
        .map((part) => part.text)
        .join("");
    const words = fc.array(fc.constantFrom("a", "b", " ", "\n", "é", ".", "👩‍👧"), { maxLength: 60 });
    fc.assert(
      fc.property(words, words, (one, other) => {
        const [before, after] = [one.join(""), other.join("")];
        expect(side(before, after, "new")).toBe(before);
        expect(side(before, after, "gone")).toBe(after);
      }),
    );
  });

  it("takes no table that grows with the square of a long text", () => {
    const long = (word: string) => Array.from({ length: 20_000 }, (_, at) => `${word}${at}`).join(" ");
    expect(diffWords(`x ${long("a")}`, `x ${long("b")}`).map(({ kind }) => kind)).toEqual([
      "same",
      "gone",
      "new",
    ]);
  });
});
