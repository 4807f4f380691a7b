import { preview } from "../../base/error.ts";
import { didYouMean } from "../../base/suggestion.ts";
import { type CronField, HOUR, MINUTE, MONTH, SECOND } from "./cron-field.ts";
import type { CronFields } from "./cron-fields.ts";
import { invalidCron, invalidPart } from "./invalid-cron-error.ts";
import { parseDayOfMonth, parseDayOfWeek } from "./parse-days.ts";
import { readTerm, splitList } from "./terms.ts";
import { ValueSet } from "./value-set.ts";

/** Longer than the canonical text of any expression, so that one can always be read again; bounds the time that it takes. */
const LONGEST = 1_200;
const FIELDS = "minute, hour, day of month, month, day of week, with the second before them if there are six";
const FOREIGN = /[^\x20-\x7e\t]/u;

const MACROS: ReadonlyMap<string, string> = new Map([
  ["@EVERY_SECOND", "* * * * * *"],
  ["@EVERY_MINUTE", "* * * * *"],
  ["@HOURLY", "0 * * * *"],
  ["@DAILY", "0 0 * * *"],
  ["@MIDNIGHT", "0 0 * * *"],
  ["@WEEKLY", "0 0 * * 0"],
  ["@MONTHLY", "0 0 1 * *"],
  ["@YEARLY", "0 0 1 1 *"],
  ["@ANNUALLY", "0 0 1 1 *"],
]);

/** Reads an expression of five or six fields, or a macro. Throws `InvalidCronError`. */
export function parseCron(text: unknown): CronFields {
  const words = split(text);
  const [second = "", minute = "", hour = "", dayOfMonth = "", month = "", dayOfWeek = ""] =
    words.length === 5 ? ["0", ...words] : words;
  const shown = String(text);
  const seconds = readList(second, shown, SECOND);
  const minutes = readList(minute, shown, MINUTE);
  const hours = readList(hour, shown, HOUR);
  return {
    second: seconds.values,
    minute: minutes.values,
    hour: hours.values,
    dayOfMonth: parseDayOfMonth(dayOfMonth, shown),
    month: readList(month, shown, MONTH).values,
    dayOfWeek: parseDayOfWeek(dayOfWeek, shown),
    intervals: { second: seconds.interval, minute: minutes.interval, hour: hours.interval },
  };
}

/** Five or six words in upper case. */
function split(text: unknown): string[] {
  if (typeof text !== "string") throw invalidCron(text, "It is no text.", `Pass a text of ${FIELDS}.`);
  if (text.length > LONGEST) {
    throw invalidCron(text, `It is longer than ${LONGEST} characters.`, "Use ranges and steps, or two jobs.");
  }
  const foreign = FOREIGN.exec(text)?.[0];
  if (foreign !== undefined) {
    throw invalidCron(
      text,
      `It holds ${preview(foreign)}.`,
      "Write letters, digits, spaces and , - * / ? # only.",
    );
  }
  const words = text
    .toUpperCase()
    .split(/[ \t]+/)
    .filter(Boolean);
  if (words[0]?.startsWith("@")) return expand(words, text);
  if (words.length === 5 || words.length === 6) return words;
  const years = words.length === 7 ? " Years cannot be given: leave the seventh out." : "";
  throw invalidCron(text, `It has ${words.length} fields, not 5 or 6.`, `Write ${FIELDS}.${years}`);
}

function expand([name = "", ...more]: readonly string[], text: string): string[] {
  const meaning = more.length === 0 ? MACROS.get(name) : undefined;
  if (meaning !== undefined) return meaning.split(" ");
  const known = [...MACROS.keys()].map((macro) => macro.toLowerCase());
  const why = more.length === 0 ? `There is no ${preview(name.toLowerCase())}.` : "A macro stands alone.";
  throw invalidCron(text, why, didYouMean(name, known) ?? `Known macros: ${known.join(", ")}.`);
}

interface List {
  readonly values: ValueSet;
  readonly interval: boolean;
}

function readList(list: string, text: string, field: CronField): List {
  const place = { text, field };
  if (list.includes("?")) {
    throw invalidPart(place, list, 'holds "?", which only fits as the day of month or the day of week');
  }
  const terms = splitList(list, place).map((term) => readTerm(term, place));
  return {
    values: new ValueSet(terms.flatMap(({ values }) => values)),
    interval: terms.some(({ interval }) => interval),
  };
}
