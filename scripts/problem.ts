/** One broken rule: where, which, and why it is a rule or what to do about it. */
export interface Problem {
  readonly file: string;
  readonly line?: number | undefined;
  readonly rule: string;
  readonly message: string;
}

/** Prints the verdict of one check and makes the process fail when there are problems. */
export function report(problems: readonly Problem[], whenClean: string): void {
  for (const problem of problems) console.error(describe(problem));
  if (problems.length === 0) {
    console.log(whenClean);
    return;
  }
  console.error(`\n${problems.length} problem${problems.length === 1 ? "" : "s"}`);
  process.exitCode = 1;
}

function describe({ file, line, rule, message }: Problem): string {
  return `${file}${line === undefined ? "" : `:${line}`} [${rule}] ${message}`;
}
