/**
 * Checks that `docs/reference/semantics.md` has each of the 41 semantics once, and that each names a test that is there:
 * a promise without a test is a wish.
 *
 * A row is `| 7 | what Hangfire does | what Firelater does | tests |`; a test stands there as
 * `` `test/lifecycle/retries.test.ts` › "runs 11 times by default" ``.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Problem, report } from "./problem.ts";
import { ROOT } from "./source-tree.ts";

const DOCUMENT = "docs/reference/semantics.md";
const COUNT = 41;
const ROW = /^\| (\d+) \|.*\|$/;
const TEST = /`([^`]+\.ts)` › "([^"]+)"/g;

/** What is wrong with the rows of the document; `read` gives a file of the repo, undefined when it is not there. */
export function judgeSemantics(text: string, read: (file: string) => string | undefined): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<number>();
  for (const [index, row] of text.split("\n").entries()) {
    const number = ROW.exec(row)?.[1];
    if (number === undefined) continue;
    const at = { file: DOCUMENT, line: index + 1 };
    if (seen.has(Number(number)))
      problems.push({ ...at, rule: "twice", message: `number ${number} stands here again` });
    seen.add(Number(number));
    problems.push(...judgeTests(row, read).map((problem) => ({ ...at, ...problem })));
  }
  for (let number = 1; number <= COUNT; number++) {
    if (!seen.has(number))
      problems.push({ file: DOCUMENT, rule: "missing", message: `number ${number} is not there` });
  }
  return problems;
}

function judgeTests(
  row: string,
  read: (file: string) => string | undefined,
): Pick<Problem, "rule" | "message">[] {
  const tests = [...row.matchAll(TEST)];
  if (tests.length === 0) return [{ rule: "untested", message: "the row names no test" }];
  return tests.flatMap(([, file = "", name = ""]) => {
    const source = read(file);
    if (source === undefined) return [{ rule: "no-file", message: `there is no ${file}` }];
    return source.includes(`"${name}"`)
      ? []
      : [{ rule: "no-test", message: `${file} has no test "${name}"` }];
  });
}

if (import.meta.main) {
  const read = (file: string) => {
    const path = join(ROOT, file);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  report(judgeSemantics(read(DOCUMENT) ?? "", read), `${COUNT} semantics, each with a test`);
}
