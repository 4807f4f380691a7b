import type { Given, OptionSpec } from "./read-options.ts";
import type { Terminal } from "./terminal.ts";

/** One line of the help: a word, and what it is. */
export type HelpLine = readonly [word: string, says: string];

/** A part of the help: words and what they are, or sentences. */
export type HelpSection =
  | { readonly title: string; readonly lines: readonly HelpLine[] }
  | { readonly title: string; readonly text: string };

/** What `firelater <name>` does. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What follows the name: `--storage <address> [options]`. */
  readonly usage: string;
  readonly options: readonly OptionSpec[];
  /** Environment variables, examples and the like, each under its title. */
  readonly more: readonly HelpSection[];
  /** Resolves once it is over; rejects when it has failed. */
  readonly run: (given: Given, terminal: Terminal) => Promise<void>;
}
