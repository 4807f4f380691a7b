import { describe, expect, it } from "vitest";
import { judgeSemantics } from "./semantics.ts";

const FILES: Readonly<Record<string, string>> = { "test/a.test.ts": 'test("runs twice", () => {});' };
const row = (number: number, tests = '`test/a.test.ts` › "runs twice"') =>
  `| ${number} | theirs | ours | ${tests} |`;
const all = Array.from({ length: 41 }, (_, index) => row(index + 1));
const rules = (rows: readonly string[]) =>
  judgeSemantics(rows.join("\n"), (file) => FILES[file]).map(({ rule, line }) => `${line ?? "-"} ${rule}`);

describe("the semantics", () => {
  it("are all there, each with a test", () => expect(rules(all)).toEqual([]));
  it("may not be left out or stand twice", () => {
    expect(rules(all.slice(0, 40))).toEqual(["- missing"]);
    expect(rules([...all, row(3)])).toEqual(["42 twice"]);
  });
  it("name tests that are there", () => {
    expect(rules(all.with(0, row(1, "by hand")))).toEqual(["1 untested"]);
    expect(rules(all.with(1, row(2, '`test/b.test.ts` › "runs twice"')))).toEqual(["2 no-file"]);
    expect(rules(all.with(2, row(3, '`test/a.test.ts` › "runs once"')))).toEqual(["3 no-test"]);
  });
});
