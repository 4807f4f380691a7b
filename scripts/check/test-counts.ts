export interface Counts {
  readonly files: Tally;
  readonly tests: Tally;
}

export interface Tally {
  readonly failed: number;
  readonly passed: number;
  readonly skipped: number;
  readonly total: number;
}

/** The sums of all the summaries that Vitest printed: " Test Files  1 failed | 3 passed (4)" and "Tests …" likewise. */
export function addUp(outputs: readonly string[]): Counts {
  return { files: tally(outputs, /^\s*Test Files\s+(.*)$/gm), tests: tally(outputs, /^\s*Tests\s+(.*)$/gm) };
}

/** Vitest's own form, so that a person or a machine who knows it can read the sum of several runs. */
export function describeTests({ files, tests }: Counts): string {
  return ` Test Files  ${describe(files)}\n      Tests  ${describe(tests)}`;
}

function tally(outputs: readonly string[], line: RegExp): Tally {
  const summaries = outputs.flatMap((output) => [...output.matchAll(line)].map((match) => match[1] ?? ""));
  const sum = (number: RegExp) =>
    summaries.reduce((total, text) => total + Number(number.exec(text)?.[1] ?? 0), 0);
  return {
    failed: sum(/(\d+) failed/),
    passed: sum(/(\d+) passed/),
    skipped: sum(/(\d+) skipped/),
    total: sum(/\((\d+)\)/),
  };
}

function describe({ failed, passed, skipped, total }: Tally): string {
  const parts = [
    failed > 0 ? `${failed} failed` : "",
    `${passed} passed`,
    skipped > 0 ? `${skipped} skipped` : "",
  ];
  return `${parts.filter(Boolean).join(" | ")} (${total})`;
}
