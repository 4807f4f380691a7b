import { preview } from "../../base/error.ts";
import { didYouMean } from "../../base/suggestion.ts";
import { InvalidStorageOptionsError } from "../../storage/index.ts";

/** Every name that options of a kind may have. */
export type Names<Options> = { readonly [Name in keyof Options]-?: true };

/** A misspelt option must not end as another promise: a name that nobody knows is refused, and so is what has no names. */
export function refuseUnknownNames<Options extends object>(
  given: Options,
  names: Names<Options>,
  label: string,
): void {
  const options: unknown = given;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new InvalidStorageOptionsError(
      `Cannot use ${preview(options)} as ${label}.`,
      "Pass an object, or leave it out.",
    );
  }
  const known = Object.keys(names);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(names, name));
  if (unknown === undefined) return;
  throw new InvalidStorageOptionsError(
    `There is no ${preview(unknown)} in ${label}.`,
    `Known names: ${known.join(", ")}. ${didYouMean(unknown, known) ?? ""}`.trimEnd(),
  );
}
