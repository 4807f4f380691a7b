import { readdirSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { didYouMean } from "../base/suggestion.ts";
import { StoreMissingError } from "../storage/index.ts";

/** Refuses a path at which there is no file; says which one beside it was meant, when one has nearly that name. */
export function refuseMissingFile(path: string): void {
  const whole = resolve(path);
  const found = statSync(whole, { throwIfNoEntry: false });
  if (found?.isFile() === true) return;
  throw new StoreMissingError(`sqlite:${whole}`, {
    why: found === undefined ? "There is no such file, and none was made." : "It is no file.",
    mend:
      didYouMean(basename(whole), filesBeside(whole)) ??
      "Give the file that your application opens; an address of a server begins with postgres://, mysql:// or redis://.",
  });
}

function filesBeside(path: string): string[] {
  try {
    const entries = readdirSync(dirname(path), { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  } catch {
    return []; // the folder is not there either, or may not be read: there is nothing to suggest
  }
}
