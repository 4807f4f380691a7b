import { resolve } from "node:path";
import { parseArgs } from "node:util";

export const HELP = `One background job per file: read, gzip, SHA-256. A report once all of them have succeeded.

  npm run demo                run, write the report, stay up until Ctrl+C; with the dashboard
  npm run demo -- --once      run, check every result without jobs, end: 0 if all agree, else 1

  --folder <folder>   the files to work on (default: here; in a git checkout what git tracks)
  --slow <ms>         each file job pauses this long (default: the run takes some 6 s; with --once 0)
  --help              this text
`;

export interface Options {
  readonly help: boolean;
  readonly once: boolean;
  readonly folder: string | undefined;
  readonly slowMs: number | undefined;
}

/** What a person can put right by calling the demo differently: shown without a stack. */
export class UsageError extends Error {}

export function readOptions(args: string[]): Options {
  const { help, once, folder, slow } = parse(args);
  return {
    help,
    once,
    folder: folder === undefined ? undefined : resolve(folder),
    slowMs: slow === undefined ? undefined : toMilliseconds(slow),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        help: { type: "boolean", short: "h", default: false },
        once: { type: "boolean", default: false },
        folder: { type: "string" },
        slow: { type: "string" },
      },
    }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function toMilliseconds(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new UsageError(`--slow takes milliseconds from 0 to 99999, not "${text}".`);
}
