import type { Command, HelpLine, HelpSection } from "./command.ts";
import type { OptionSpec } from "./read-options.ts";

/** What a terminal has, without the last column: some wrap a full line. */
const COLUMNS = 79;
const INDENT = "  ";
/** Words that are longer have what they say below them. */
const WIDEST_WORD = 28;

export const HELP_OPTION: OptionSpec = { name: "help", short: "h", says: "This text." };

/** `firelater --help`. */
export function overallHelp(commands: readonly Command[]): string {
  const lines = commands.map(({ name, summary }): HelpLine => [name, summary]);
  return [
    "Firelater: background jobs for TypeScript.",
    "",
    "  firelater <command> [options]",
    "",
    ...section({ title: "Commands", lines }),
    "",
    ...section({
      title: "Options",
      lines: [
        ["-h, --help", "This text; after a command, the help of that command."],
        ["-v, --version", "The version of the package."],
      ],
    }),
  ].join("\n");
}

/** `firelater <command> --help`. */
export function commandHelp({ name, summary, usage, options, more }: Command): string {
  const optionLines = [...options, HELP_OPTION].map((option): HelpLine => [wordOf(option), option.says]);
  return [
    ...wrap(summary, COLUMNS),
    "",
    `${INDENT}firelater ${name} ${usage}`,
    "",
    ...section({ title: "Options", lines: optionLines }),
    ...more.flatMap((part) => ["", ...section(part)]),
  ].join("\n");
}

function wordOf({ name, short, value }: OptionSpec): string {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`;
  return short === undefined ? long : `-${short}, ${long}`;
}

function section(part: HelpSection): string[] {
  const head = `${part.title}:`;
  if ("text" in part) return [head, ...wrap(part.text, COLUMNS - INDENT.length).map((line) => INDENT + line)];
  const widths = part.lines.map(([word]) => word.length).filter((length) => length <= WIDEST_WORD);
  const width = Math.max(0, ...widths) + 2;
  return [head, ...part.lines.flatMap((line) => lineOf(line, width))];
}

function lineOf([word, says]: HelpLine, width: number): string[] {
  const room = COLUMNS - INDENT.length - width;
  const [first = "", ...rest] = wrap(says, room);
  if (says === "") return [`${INDENT}${word}`];
  const below = (text: string) => `${INDENT}${" ".repeat(width)}${text}`;
  if (word.length + 2 > width) return [`${INDENT}${word}`, ...[first, ...rest].map(below)];
  return [`${INDENT}${word.padEnd(width)}${first}`, ...rest.map(below)];
}

/** Lines of whole words; a word that is longer than a line has one of its own. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
