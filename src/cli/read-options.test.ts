import { describe, expect, it } from "vitest";
import { type OptionSpec, readOptions } from "./read-options.ts";

const SPECS: readonly OptionSpec[] = [
  { name: "storage", value: "<address>", says: "Where." },
  { name: "read-only", says: "Only looking." },
  { name: "help", short: "h", says: "This." },
];
const read = (...args: string[]) => readOptions(args, SPECS);

describe("options", () => {
  it("have their values behind them, or behind an equals sign", () => {
    expect(read("--storage", "jobs.db").text("storage")).toBe("jobs.db");
    expect(read("--storage=-odd.db").text("storage")).toBe("-odd.db");
    expect(read("--read-only").flag("read-only")).toBe(true);
    expect(read("-h").flag("help")).toBe(true);
    const none = read();
    expect([none.text("storage"), none.flag("read-only")]).toEqual([undefined, false]);
  });

  it.each([
    [["--storage"], "--storage has no value. Write --storage <address>."],
    [["--storage", "--read-only"], "--storage has no value."],
    [["--storage="], "--storage has no value."],
    [["--storage", "a", "--storage", "b"], "--storage is given twice."],
    [["--read-only", "--read-only"], "--read-only is given twice."],
    [["--read-only=yes"], "--read-only takes no value."],
    [["--readonly"], 'There is no option "--readonly". Did you mean "--read-only"?'],
    [["--verbose"], 'There is no option "--verbose". There are --storage, --read-only, --help.'],
    [["-x"], 'There is no option "-x".'],
    [["--help", "postgres://u:s3cret@h"], "There is a word that belongs to no option."],
    [["--stroage", "postgres://u:s3cret@h"], 'Did you mean "--storage"?'],
  ])("%j are refused, and no value is repeated", (args, words) => {
    const refusal = (() => {
      try {
        return read(...args) && undefined;
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toMatchObject({ code: "FL_COMMAND_LINE", message: expect.stringContaining(words) });
    expect(String(refusal)).not.toContain("s3cret");
  });
});
