import { describe, expect, it } from "vitest";
import { judgeCatalogue, judgeMends } from "./error-codes/catalogue.ts";
import { findCodes, findUnmended } from "./error-codes/find-codes.ts";

function rulesBroken(source: string, catalogue: string): string[] {
  const sources = new Map([["src/a.ts", source]]);
  const document = { file: "errors.md", text: catalogue };
  const problems = [...judgeCatalogue(findCodes(sources), document), ...judgeMends(findUnmended(sources))];
  return problems.map(({ file, line, rule }) => `${file}:${line} ${rule}`);
}

const thrown = 'throw new FullError({ code: "FL_FULL", what: "It is full.", mend: "Empty it." });\n';
const entry = "# Errors\n\n### FL_FULL\n\n`FullError`: empty it.\n";

describe("error codes", () => {
  it("is content when sources and catalogue agree", () => {
    expect(rulesBroken(`${thrown}if (error.code === "FL_FULL") retry();\n`, entry)).toEqual([]);
  });

  it("finds a code that the catalogue lacks, once, also where it is only compared", () => {
    expect(rulesBroken(`${thrown}x = error.code === "FL_GONE" || "FL_GONE";\n`, entry)).toEqual([
      "src/a.ts:2 undocumented",
    ]);
  });

  it("finds an entry that no source uses", () => {
    expect(rulesBroken(thrown, `${entry}\n### \`FL_OLD\`\n`)).toEqual(["errors.md:7 unused"]);
  });

  it("finds an entry written twice", () => {
    expect(rulesBroken(thrown, `${entry}\n${entry}`)).toEqual(["errors.md:9 repeated"]);
  });

  it("finds an error that does not say how to mend it, wherever its code comes from", () => {
    const bare = `const parts = { code, what: "It is full." };\n${thrown}`;
    expect(rulesBroken(bare, entry)).toEqual(["src/a.ts:1 mend"]);
    expect(
      rulesBroken(`const parts = { code, what: "It is full.", mend, ...more };\n${thrown}`, entry),
    ).toEqual([]);
  });

  it("reads both codes of a choice", () => {
    const choice = 'new FullError({ code: full ? "FL_FULL" : "FL_GONE", what: "x", mend: "y" });\n';
    expect(rulesBroken(choice, entry)).toEqual(["src/a.ts:1 undocumented"]);
    expect(rulesBroken(choice, `${entry}\n### FL_GONE\n`)).toEqual(["errors.md:7 unnamed"]);
  });

  it("finds a code that two classes share, and an entry that does not name the class", () => {
    const other = 'throw new OtherError({ code: "FL_FULL", what: "It is full.", mend: "Empty it." });\n';
    expect(rulesBroken(thrown + other, entry)).toEqual(["src/a.ts:2 class"]);
    expect(rulesBroken(thrown, "### FL_FULL\n\nEmpty it.\n")).toEqual(["errors.md:1 unnamed"]);
  });

  it("knows the class that names its own code", () => {
    const own =
      'class FullError extends Base { constructor() { super({ code: "FL_FULL", what: "x", mend: "y" }); } }\n';
    expect(rulesBroken(own, "### FL_FULL\n\nEmpty it.\n")).toEqual(["errors.md:1 unnamed"]);
    expect(rulesBroken(own, entry)).toEqual([]);
  });

  it("ignores codes in comments and in tests", () => {
    const files = new Map([
      ["src/a.ts", "// FL_COMMENT\nexport {};\n"],
      ["src/a.test.ts", 'expect("FL_TEST");\n'],
    ]);
    expect(findCodes(files)).toEqual([]);
  });
});
