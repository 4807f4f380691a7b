import { jobPlaceholders } from "../../job/placeholder.ts";
import { invalid, type Problem } from "../http/problem.ts";

const DEPTH = 60;
/** To read and write a number takes the square of its digits: a megabyte of them would hold up the whole process. */
const MOST_DIGITS = 10_000;

/** What somebody has edited, back from the forms of `ShownJson`; throws for those that are only to be looked at. */
export function readShown(shown: unknown, depth = 0): unknown {
  if (depth > DEPTH) throw refuse("values nested so deep");
  if (typeof shown !== "object" || shown === null) return shown;
  if (Array.isArray(shown)) return shown.map((item: unknown) => readShown(item, depth + 1));
  const entries: [string, unknown][] = Object.entries(shown);
  const [first] = entries;
  if (entries.length === 1 && first?.[0].startsWith("$") === true) return readTag(first[0], first[1], depth);
  const object = {};
  for (const [key, value] of entries) {
    const read = readShown(value, depth + 1);
    Object.defineProperty(object, key, { value: read, enumerable: true, writable: true, configurable: true });
  }
  return object;
}

function readTag(tag: string, value: unknown, depth: number): unknown {
  const read = TAGS.get(tag);
  if (read === undefined) throw refuse(tag);
  return read(value, depth + 1);
}

const TAGS: ReadonlyMap<string, (value: unknown, depth: number) => unknown> = new Map<
  string,
  (value: unknown, depth: number) => unknown
>([
  ["$undefined", () => undefined],
  ["$date", (value) => checked("$date", new Date(textOf("$date", value)), isDate)],
  ["$bigint", (value) => bigintOf(textOf("$bigint", value))],
  ["$number", (value) => numberOf(textOf("$number", value))],
  ["$url", (value) => attempt("$url", () => new URL(textOf("$url", value)))],
  ["$regexp", (value) => attempt("$regexp", () => new RegExp(...pairOf("$regexp", value)))],
  ["$map", (value, depth) => new Map(listOf("$map", value).map((pair) => entryOf(pair, depth)))],
  ["$set", (value, depth) => new Set(listOf("$set", value).map((item) => readShown(item, depth)))],
  ["$placeholder", (value) => placeholderOf(textOf("$placeholder", value))],
  ["$object", (value, depth) => plainOf(value, depth)],
]);

/** Its one key begins with `$` and is no tag. */
function plainOf(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) throw refuse("$object");
  const members = Object.entries(value).map(([key, one]): [string, unknown] => [key, readShown(one, depth)]);
  return Object.fromEntries(members);
}

function placeholderOf(name: string): unknown {
  const kind = (["id", "attempt", "signal", "dueAt"] as const).find((known) => name === `job.${known}`);
  if (kind === undefined) throw refuse(`the placeholder ${name}`);
  return jobPlaceholders[kind];
}

function bigintOf(text: string): bigint {
  if (text.length > MOST_DIGITS) throw refuse("a number of so many digits");
  return attempt("$bigint", () => BigInt(text));
}

function numberOf(text: string): number {
  const known = ["NaN", "Infinity", "-Infinity", "-0"].includes(text);
  if (!known) throw refuse("$number");
  return Number(text);
}

function isDate(date: Date): boolean {
  return !Number.isNaN(date.getTime());
}

function checked<T>(tag: string, value: T, fits: (value: T) => boolean): T {
  if (fits(value)) return value;
  throw refuse(tag);
}

function attempt<T>(tag: string, make: () => T): T {
  try {
    return make();
  } catch {
    throw refuse(tag);
  }
}

function textOf(tag: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw refuse(tag);
}

function listOf(tag: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw refuse(tag);
}

function pairOf(tag: string, value: unknown): [string, string] {
  const [first, second] = listOf(tag, value);
  return [textOf(tag, first), textOf(tag, second)];
}

function entryOf(pair: unknown, depth: number): [unknown, unknown] {
  const [key, value] = listOf("$map", pair);
  return [readShown(key, depth), readShown(value, depth)];
}

function refuse(what: string): Problem {
  return invalid(
    `Cannot use ${what.slice(0, 60)} among the arguments.`,
    "Values that are only shown, and malformed ones, cannot be given back: write plain JSON instead.",
  );
}
