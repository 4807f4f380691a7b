import { decodeArguments } from "./codec.ts";
import { placeholderName } from "./placeholder.ts";

/** The arguments for people to look at; null when the stored text cannot be read. */
export function readArguments(text: string): unknown[] | null {
  try {
    return decodeArguments(text, (placeholder) => `{${placeholderName(placeholder)}}`);
  } catch {
    // Shown as unreadable: looking at a broken job must work, its run says what is wrong with it.
    return null;
  }
}
