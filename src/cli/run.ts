import { preview } from "../base/error.ts";
import { didYouMean } from "../base/suggestion.ts";
import { packageVersion } from "../dashboard/package-version.ts";
import type { Command } from "./command.ts";
import { CommandLineError } from "./command-line-error.ts";
import { COMMANDS } from "./commands.ts";
import { describeFailure, exitCodeOf, MISUSED } from "./failure.ts";
import { commandHelp, HELP_OPTION, overallHelp } from "./help.ts";
import { readOptions } from "./read-options.ts";
import type { Terminal } from "./terminal.ts";

/** Does what the arguments say. The exit code: 0, 1 when it has failed, 2 when it was called in a wrong way. */
export async function run(
  args: readonly string[],
  terminal: Terminal,
  commands: readonly Command[] = COMMANDS,
): Promise<number> {
  try {
    return await dispatch(args, terminal, commands);
  } catch (error) {
    terminal.complain(describeFailure(error));
    return exitCodeOf(error);
  }
}

async function dispatch(
  [first, ...rest]: readonly string[],
  terminal: Terminal,
  commands: readonly Command[],
): Promise<number> {
  if (first === undefined) {
    terminal.complain(overallHelp(commands));
    return MISUSED;
  }
  if (first === "--version" || first === "-v") terminal.say(packageVersion());
  else if (first === "--help" || first === "-h") terminal.say(overallHelp(commands));
  else if (first === "help") terminal.say(helpOn(rest[0], commands));
  else await perform(commandOf(first, commands), rest, terminal);
  return 0;
}

async function perform(command: Command, args: readonly string[], terminal: Terminal): Promise<void> {
  const given = readOptions(args, [...command.options, HELP_OPTION]);
  if (given.flag(HELP_OPTION.name)) terminal.say(commandHelp(command));
  else await command.run(given, terminal);
}

function helpOn(name: string | undefined, commands: readonly Command[]): string {
  return name === undefined ? overallHelp(commands) : commandHelp(commandOf(name, commands));
}

function commandOf(name: string, commands: readonly Command[]): Command {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const names = commands.map((command) => command.name);
  if (name.startsWith("-")) {
    throw new CommandLineError(
      "The command comes first, its options behind it.",
      `Write firelater <command> [options]; commands: ${names.join(", ")}.`,
    );
  }
  // What is no word may be an address, with a password in it: it is not repeated.
  const isWord = /^[\w-]{1,40}$/.test(name);
  throw new CommandLineError(
    isWord ? `There is no command ${preview(name)}.` : "The first word is no command.",
    didYouMean(name, names) ?? `There is ${names.join(", ")}; firelater --help says more.`,
  );
}
