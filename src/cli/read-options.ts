import { parseArgs } from "node:util";
import { preview } from "../base/error.ts";
import { didYouMean } from "../base/suggestion.ts";
import { CommandLineError } from "./command-line-error.ts";

/** An option of a command. */
export interface OptionSpec {
  /** Without the hyphens. */
  readonly name: string;
  /** One letter, where there is one. */
  readonly short?: string;
  /** What stands for its value in the help; a flag has none. */
  readonly value?: string;
  readonly says: string;
}

/** What was given on the command line. */
export interface Given {
  text(name: string): string | undefined;
  flag(name: string): boolean;
}

interface Token {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

/** The options of a command; whatever else stands there is refused, and never repeated where it may be a password. */
export function readOptions(args: readonly string[], specs: readonly OptionSpec[]): Given {
  const texts = new Map<string, string>();
  const flags = new Set<string>();
  for (const token of tokensOf(args, specs)) {
    if (token === "word") throw strayWord();
    const spec = specs.find(({ name }) => name === token.name) ?? refuseUnknown(token, specs);
    if (texts.has(spec.name) || flags.has(spec.name)) refuseTwice(spec);
    if (spec.value === undefined) flags.add(readFlag(spec, token));
    else texts.set(spec.name, readValue(spec, spec.value, token));
  }
  return { text: (name) => texts.get(name), flag: (name) => flags.has(name) };
}

/** In their order: what stands first is told first. */
function tokensOf(args: readonly string[], specs: readonly OptionSpec[]): (Token | "word")[] {
  const options = Object.fromEntries(
    specs.map(({ name, short, value }) => {
      const type: "boolean" | "string" = value === undefined ? "boolean" : "string";
      return [name, { type, ...(short === undefined ? {} : { short }) }];
    }),
  );
  // Not strict: what is wrong is told here, in the words of every other error.
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens.flatMap((token): (Token | "word")[] => {
    if (token.kind === "option") return [token];
    return token.kind === "positional" ? ["word"] : [];
  });
}

function strayWord(): CommandLineError {
  return new CommandLineError(
    "There is a word that belongs to no option.",
    'Put an option before it, such as --storage; a value with spaces stands in "quotes".',
  );
}

function refuseUnknown({ rawName }: Token, specs: readonly OptionSpec[]): never {
  const known = specs.map(({ name }) => `--${name}`);
  throw new CommandLineError(
    `There is no option ${preview(rawName)}.`,
    didYouMean(rawName, known) ?? `There are ${known.join(", ")}.`,
  );
}

function refuseTwice({ name }: OptionSpec): never {
  throw new CommandLineError(`--${name} is given twice.`, "Give it once.");
}

function readFlag({ name }: OptionSpec, { value }: Token): string {
  if (value === undefined) return name;
  throw new CommandLineError(`--${name} takes no value.`, `Write --${name} alone, or leave it out.`);
}

function readValue({ name }: OptionSpec, wanted: string, { value, inlineValue }: Token): string {
  const isNext = inlineValue !== true && value?.startsWith("-") === true;
  if (value !== undefined && value !== "" && !isNext) return value;
  throw new CommandLineError(`--${name} has no value.`, `Write --${name} ${wanted}.`);
}
