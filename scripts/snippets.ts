/**
 * Type-checks what readers copy: every ```ts block of the documents and every `@example` in the sources, against the
 * sources. How to write them:
 *
 * - Each block is a module of its own. Blocks of one document see each other only by name:
 *   `<!-- snippet: jobs.ts -->` above a block names it, so that others can `import { jobs } from "./jobs.ts"`.
 * - `<!-- snippet: continues jobs.ts -->` above a block appends it to that file, so that prose can come in between.
 * - What the reader need not see goes into the marker: the name, a line break, then the hidden lines.
 * - A block opened with "```ts no-check" is left out, if `<!-- snippet: no-check: the reason -->` stands above it.
 */

import { report } from "./problem.ts";
import { checkSnippets } from "./snippets/check.ts";
import { docstringsAsDocument } from "./snippets/docstrings.ts";
import { type Reading, readSnippets } from "./snippets/read.ts";
import { isTest, ROOT, readTree } from "./source-tree.ts";

/** The snippets of all documents and docstrings of the repo. */
function readAll(): Reading[] {
  const documents = [...readTree(ROOT, ["README.md", "ARCHITECTURE.md", "docs", "src"], [".md"])];
  const sources = [...readTree(ROOT, ["src"])].filter(([path]) => !isTest(path));
  const docstrings = sources.map(([path, text]) => [path, docstringsAsDocument(text)] as const);
  return [...documents, ...docstrings].map(([path, text]) => readSnippets(path, text));
}

if (import.meta.main) {
  const readings = readAll();
  const files = readings.flatMap((reading) => reading.files);
  const problems = [...readings.flatMap((reading) => reading.problems), ...checkSnippets(files)];
  report(
    problems,
    `${files.length} snippets of ${new Set(files.map(({ document }) => document)).size} documents compile`,
  );
}
