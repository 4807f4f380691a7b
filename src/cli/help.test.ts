import { describe, expect, it } from "vitest";
import { COMMANDS } from "./commands.ts";
import { commandHelp, overallHelp, wrap } from "./help.ts";

describe("the help", () => {
  const texts = [overallHelp(COMMANDS), ...COMMANDS.map(commandHelp)];

  it("fits a terminal of 80 columns", () => {
    expect(texts.flatMap((text) => text.split("\n")).filter((line) => line.length >= 80)).toEqual([]);
  });

  it("names every command, and every option of each", () => {
    for (const command of COMMANDS) {
      expect(texts[0]).toContain(command.name);
      for (const { name } of command.options) expect(commandHelp(command)).toContain(`--${name}`);
    }
  });

  it("has no blank at the end of a line", () => {
    expect(texts.join("\n")).not.toMatch(/ $/m);
  });
});

it("lines are cut between words, and a word that is too long keeps its own", () => {
  expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrap("see https://example.com/long now", 8)).toEqual(["see", "https://example.com/long", "now"]);
});
