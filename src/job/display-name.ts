import { placeholderName, placeholderOf } from "./placeholder.ts";

const LONGEST = 200;
const SLOT = /\{(\d{1,3})\}/g;
// Control characters, line and paragraph separators, marks that turn the direction of text, halves of surrogate pairs.
const UNFIT = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/**
 * A display name with its arguments in place: "Welcome {0}" and `["ann@example.com"]` give "Welcome ann@example.com".
 * One line of at most 200 characters, whatever the arguments hold; a number without an argument stays as it is.
 */
export function formatDisplayName(template: string, args: readonly unknown[]): string {
  const text = template.replace(SLOT, (slot, index) =>
    Number(index) < args.length ? show(args[Number(index)]) : slot,
  );
  const line = text
    .slice(0, LONGEST * 4)
    .replace(UNFIT, " ")
    .trim();
  return line.length > LONGEST ? `${wholeCharacters(line, LONGEST - 1)}…` : line;
}

function show(value: unknown): string {
  if (typeof value === "string") return value.slice(0, LONGEST * 2);
  if (typeof value !== "object" || value === null) return String(value).slice(0, LONGEST);
  const placeholder = placeholderOf(value);
  if (placeholder !== undefined) return placeholderName(placeholder);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid date" : value.toISOString();
  if (Array.isArray(value)) return `[${value.length}]`;
  return "{…}";
}

/** A cut between the halves of a surrogate pair would leave text that no store keeps. */
function wholeCharacters(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}
