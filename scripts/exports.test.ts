import { describe, expect, it } from "vitest";
import { judgeDocstrings } from "./exports/docstrings.ts";
import { type ExportsMap, judgeMap, readExports } from "./exports/map.ts";
import { judgeTopLevelAwait } from "./exports/top-level-await.ts";

const sources = new Map([
  ["src/index.ts", "export {};"],
  ["src/drivers/sqlite/index.ts", "export {};"],
  ["src/drivers/shared/index.ts", "export {};"],
]);

const good: Record<string, Record<string, string> | string> = {
  ".": { "firelater-source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" },
  "./sqlite": {
    "firelater-source": "./src/drivers/sqlite/index.ts",
    types: "./dist/drivers/sqlite/index.d.ts",
    default: "./dist/drivers/sqlite/index.js",
  },
  "./package.json": "./package.json",
};

function complaints(map: ExportsMap): string[] {
  return judgeMap(map, sources).map(({ message }) => message);
}

describe("the exports map", () => {
  it("is fine when each subpath has its source and its build", () => {
    expect(complaints(good)).toEqual([]);
    expect(readExports(JSON.stringify({ exports: good }))).toEqual(good);
  });

  it("refuses an entry point that is not exported", () => {
    const { "./sqlite": _, ...rest } = good;
    expect(complaints(rest)).toEqual(["is a public entry point, but package.json does not export it"]);
  });

  it("refuses a subpath without a source", () => {
    expect(complaints({ ...good, "./mongo": good["./sqlite"] })[0]).toContain(
      'exports["./mongo"] has no source',
    );
  });

  it("refuses a private condition that is not first, and a missing condition", () => {
    const late = {
      types: "./dist/index.d.ts",
      "firelater-source": "./src/index.ts",
      default: "./dist/index.js",
    };
    expect(complaints({ ...good, ".": late })[0]).toContain("in this order");
    expect(complaints({ ...good, ".": { "firelater-source": "./src/index.ts" } })[0]).toContain(
      "in this order",
    );
    expect(complaints({ ...good, "./sqlite": "./dist/index.js" })[1]).toContain("must have the conditions");
  });

  it("refuses a build that is not the source's own", () => {
    const crossed = {
      "firelater-source": "./src/index.ts",
      types: "./dist/index.d.ts",
      default: "./dist/main.js",
    };
    expect(complaints({ ...good, ".": crossed })).toEqual([
      'exports["."] .default must be "./dist/index.js"',
    ]);
  });
});

describe("top-level await", () => {
  it.each([
    "await import('x');",
    "for await (const x of xs) {}",
    "await using x = open();",
    "if (a) { await b; }",
  ])("refuses %s", (line) => {
    const [problem] = judgeTopLevelAwait(new Map([["src/a.ts", `export {};\n${line}\n`]]));
    expect(problem).toMatchObject({ file: "src/a.ts", line: 2, rule: "require" });
  });

  it("lets functions await, and tests", () => {
    const inside =
      "export async function f() { await g(); for await (const x of xs) {} await using y = open(); }";
    const method = "export class A { async m() { await g(); } n = async () => { await g(); }; }";
    const files = { "src/a.ts": inside, "src/b.ts": method, "src/c.test.ts": "await f();" };
    expect(judgeTopLevelAwait(new Map(Object.entries(files)))).toEqual([]);
  });
});

describe("docstrings", () => {
  it("asks for one on each public name, where it is declared", () => {
    const made = new Map([
      ["src/made-up/index.ts", 'export { bare, documented, type Shape } from "./inner.ts";\n'],
      [
        "src/made-up/inner.ts",
        [
          "/** Says something. */",
          "export const documented = 1;",
          "export function bare(): void {}",
          "/** @internal for the neighbours */",
          "export interface Shape {}",
        ].join("\n"),
      ],
    ]);
    const problems = judgeDocstrings(["src/made-up/index.ts"], made);
    const told = problems.map(({ file, line, message }) => `${file}:${line} ${message.split(":")[0]}`);
    expect(told).toEqual([
      "src/made-up/inner.ts:3 bare, exported by src/made-up/index.ts, has no docstring",
      "src/made-up/inner.ts:5 Shape, exported by src/made-up/index.ts, is @internal",
    ]);
  });
});
