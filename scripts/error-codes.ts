/**
 * Checks that `docs/reference/errors.md` and the sources name the same error codes, each once, and that every error
 * tells its reader how to mend it. Nothing is generated: people write the catalogue.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { judgeCatalogue, judgeMends } from "./error-codes/catalogue.ts";
import { findCodes, findUnmended } from "./error-codes/find-codes.ts";
import { report } from "./problem.ts";
import { ROOT, readTree } from "./source-tree.ts";

const CATALOGUE = "docs/reference/errors.md";

if (import.meta.main) {
  const sources = readTree(ROOT, ["src"]);
  const uses = findCodes(sources);
  const catalogue = { file: CATALOGUE, text: readFileSync(join(ROOT, CATALOGUE), "utf8") };
  const problems = [...judgeCatalogue(uses, catalogue), ...judgeMends(findUnmended(sources))];
  const codes = new Set(uses.map(({ code }) => code));
  report(problems, `${codes.size} codes, all in ${CATALOGUE}`);
}
