import { describe, expect, it } from "vitest";
import { checkSnippets } from "./snippets/check.ts";
import { docstringsAsDocument } from "./snippets/docstrings.ts";
import { readSnippets } from "./snippets/read.ts";

function problemsOf(document: string, lines: readonly string[]): string[] {
  const { files, problems } = readSnippets(document, lines.join("\n"));
  return [...problems, ...checkSnippets(files)].map(
    ({ file, line, message }) => `${file}:${line} ${message}`,
  );
}

describe("snippets of a document", () => {
  it("reports what does not compile, at the document's line", () => {
    const lines = [
      "# Title",
      "",
      "```ts",
      "const wrong: number = 'text';",
      "```",
      "",
      "```sh",
      "npm test",
      "```",
    ];
    expect(problemsOf("docs/a.md", lines)).toEqual([
      "docs/a.md:4 Type 'string' is not assignable to type 'number'. (TS2322)",
    ]);
  });

  it("reports an import that the package does not offer", () => {
    const [problem] = problemsOf("docs/a.md", ["```ts", 'import { nothing } from "firelater";', "```"]);
    expect(problem).toMatch(/^docs\/a\.md:2 .*nothing/);
  });

  it("keeps blocks apart and lets named ones be imported", () => {
    const lines = [
      "<!-- snippet: jobs.ts -->",
      "```ts",
      "export const jobs = 1;",
      "```",
      "```ts",
      'import { jobs } from "./jobs.ts";',
      "const value: string = jobs;",
      "```",
      "```ts",
      "const value = 2;",
      "```",
    ];
    expect(problemsOf("docs/a.md", lines)).toEqual([
      "docs/a.md:7 Type 'number' is not assignable to type 'string'. (TS2322)",
    ]);
  });

  it("joins a file told in parts, with a part that the reader does not see", () => {
    const lines = [
      "<!-- snippet: app.ts",
      "declare const users: string[];",
      "-->",
      "<!-- snippet: continues app.ts -->",
      "```ts",
      "const first = users[0];",
      "```",
      "Then:",
      "<!-- snippet: continues app.ts -->",
      "```ts",
      "export const size: string = first;",
      "```",
    ];
    expect(problemsOf("docs/a.md", lines)[0]).toMatch(/^docs\/a\.md:11 Type 'string \| undefined'/);
  });

  it("lets two documents augment the same interface", () => {
    const lines = (type: string) =>
      [
        "```ts",
        'import "firelater";',
        `declare module "firelater" { interface MadeUp { x: ${type} } }`,
        "```",
      ].join("\n");
    const files = ["number", "string"].flatMap((type) => readSnippets(`docs/${type}.md`, lines(type)).files);
    expect(checkSnippets(files)).toEqual([]);
  });

  it("leaves out a block only for a reason", () => {
    const block = ["```ts no-check", "const x: = ;", "```"];
    expect(problemsOf("docs/a.md", block)[0]).toContain("docs/a.md:1 no-check needs its reason");
    const why = "<!-- snippet: no-check: shows what the compiler refuses -->";
    expect(problemsOf("docs/a.md", [why, ...block])).toEqual([]);
  });

  it.each([
    ["a marker that nothing follows", ["<!-- snippet: a.ts -->", "Text."], "1 no ```ts block follows"],
    [
      "a marker on another language",
      ["<!-- snippet: a.ts -->", "```sh", "```"],
      "1 the block below is not ```ts",
    ],
    ["a name that is no file", ["<!-- snippet: jobs -->", "```ts", "```"], '1 "jobs" is no file name'],
    [
      "a file that is not there",
      ["<!-- snippet: continues a.ts -->", "```ts", "```"],
      "1 there is no a.ts above",
    ],
    ["an example without code", ["@example", "call(it)"], "1 @example without a ```ts block"],
  ])("refuses %s", (_, lines, message) => {
    expect(problemsOf("docs/a.md", lines)[0]).toContain(`docs/a.md:${message}`);
  });

  it("refuses the same name twice", () => {
    const block = ["<!-- snippet: a.ts -->", "```ts", "```"];
    expect(problemsOf("docs/a.md", [...block, ...block])).toEqual([
      'docs/a.md:4 a.ts exists above: write "continues a.ts"',
    ]);
  });
});

describe("snippets of docstrings", () => {
  it("stay on their lines", () => {
    const source = [
      "const text = '/** no docstring */';",
      "/**",
      " * What it is.",
      " *",
      " * @example",
      " * ```ts",
      " * const wrong: number = 'text';",
      " * ```",
      " */",
      "export class A {",
      "  /** Inside. @see b */",
      "  b = 1;",
      "}",
    ].join("\n");
    const document = docstringsAsDocument(source);
    expect(document.split("\n")).toHaveLength(13);
    expect(document).not.toContain("no docstring");
    expect(problemsOf("src/a.ts", document.split("\n"))).toEqual([
      "src/a.ts:7 Type 'string' is not assignable to type 'number'. (TS2322)",
    ]);
  });
});
