const UNSEEN = /(?![\n\t\u200d])[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** What a job wrote, with what cannot be seen written out: control characters, and those that turn the direction of text. */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
}
