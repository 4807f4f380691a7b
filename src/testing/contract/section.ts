import type { Setup } from "./setup.ts";

/** One sentence of the contract, and the proof of it. */
export interface ContractTest {
  readonly name: string;
  readonly run: (setup: Setup) => Promise<void>;
}

/** The sentences about one verb or one group of verbs. */
export interface Section<Name extends string = string> {
  readonly name: Name;
  readonly tests: readonly ContractTest[];
}

/** A section from its sentences. Each test gets an empty storage of its own; none knows of the others. */
export function section<const Name extends string>(
  name: Name,
  sentences: Readonly<Record<string, ContractTest["run"]>>,
): Section<Name> {
  return { name, tests: Object.entries(sentences).map(([name, run]) => ({ name, run })) };
}
